"""Compare backends: ``python tools/deployment/benchmark_backends.py sgz zero_dce --size 1080 1920``.

Each backend has the same number of threads (``OMP_NUM_THREADS``) and its turn after the others, in one
process, on one image, as trained. The figures are times over PyTorch's.
"""

import argparse

from mmlle.cli.errors import run

__all__ = ["main"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("models", nargs="+", metavar="MODEL", help="short names of models, or config files")
    parser.add_argument(
        "--size", nargs=2, type=int, default=[1080, 1920], metavar=("H", "W"), help="image size [1080 1920]"
    )
    parser.add_argument("--repeats", type=int, default=7, help="turns of each backend [7]")
    parser.add_argument("--int8", metavar="FOLDER", help="quantised models too, by these photographs")
    return parser.parse_args(argv)


def compare(args: argparse.Namespace) -> None:
    """Compare as the command line says, and print a table."""
    from mmlle.apis.torch_backend import TorchBackend
    from mmlle.benchmark.timing import table
    from mmlle.deployment.comparison import compare_backends
    from mmlle.deployment.quantization import Photographs
    from mmlle.utils.threads import num_threads

    photographs = None if args.int8 is None else Photographs.of_folder(args.int8)
    rows, names = [], []
    for model in args.models:
        backend = TorchBackend(model, None, "cpu")
        found, psnr = compare_backends(backend, tuple(args.size), args.repeats, photographs)
        names = list(found)
        cells = [f"{each.ratio:.2f}" for each in found.values()]
        largest = max(each.difference for name, each in found.items() if "int8" not in name)
        rows.append([model, *cells, f"{largest:.0e}", "" if psnr is None else f"{psnr:.1f}"])
    print(f"One image of {args.size[0]}x{args.size[1]} px (height x width), {num_threads()} threads")
    print(table(["time / PyTorch's", *names, "difference, float32", "int8 dB"], rows))


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: compare(args))


if __name__ == "__main__":
    main()
