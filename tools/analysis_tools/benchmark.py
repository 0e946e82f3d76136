"""Time training steps or inference: ``python tools/analysis_tools/benchmark.py CONFIG --original FOLDER``.

With ``--original``, the folder of a clone of the code of the method's authors, that is measured as well, on
the same images and with the same network weights: random ones, or the authors' with ``--weights``. Each side
has a process of its own, so that neither profits from the other's settings (ours keeps freed memory, see
``mmlle.utils.allocator``): the original runs as its users run it, ours as tools/train.py runs it. They take
turns, so that other load of the machine affects all of them, and a ratio is the median of the ratios within a
turn. A GPU is used if there is one; hide it with ``CUDA_VISIBLE_DEVICES=`` to measure the CPU. With
``--threads N``, all processes run on the same N cores.

Trained weights may hold denormal numbers, with which many CPUs compute slowly, Intel's for one. So with
``--weights`` the original is measured twice: as it is, and with its denormal weights set to zero. Ours sets
them to zero whenever it loads weights.

``--backend`` measures the exported model in a runtime as well.

Inference is also put beside what the machine can do at most, as measured at the beginning: the rate of a 3×3
convolution, and of a copy.

Where a frozen segmentation network guides the training, as in SGZ, ours is measured with its own and, like
for like, with the original's.
"""

import argparse
import json
import math
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from mmlle.apis.backend import BACKENDS
from mmlle.benchmark.machine import MachineLimits
from mmlle.benchmark.sides import ExportedSide, OriginalSide, OurSide
from mmlle.benchmark.timing import Worker, check, measure, table
from mmlle.cli.command import add_config_arguments, read_config, run
from mmlle.utils.files import write_bytes

__all__ = ["main"]

SIZES = {"train": [(512, 512)], "inference": [(400, 600), (1080, 1920)]}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_config_arguments(parser)
    parser.add_argument(
        "--mode", choices=["train", "inference"], default="train", help="what to time [train]"
    )
    parser.add_argument("--batch-size", type=int, help="[training: the config's; inference: 1]")
    parser.add_argument(
        "--size",
        nargs=2,
        type=int,
        action="append",
        metavar=("H", "W"),
        help="image size, can be repeated [training: 512 512; inference: 400 600 and 1080 1920]",
    )
    parser.add_argument("--repeats", type=int, default=3, help="how many turns each side has [3]")
    parser.add_argument(
        "--warm-up", type=int, default=1, help="untimed runs in each turn before the timed one [1]"
    )
    parser.add_argument("--threads", type=int, help="number of CPU threads, and of cores [PyTorch's choice]")
    parser.add_argument(
        "--original",
        type=Path,
        metavar="FOLDER",
        help="clone of the original's repository (Zero-DCE: its folder Zero-DCE_code), to be measured too",
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="the authors' weights, not converted, for all sides"
    )
    parser.add_argument(
        "--backend",
        choices=BACKENDS[1:],
        action="append",
        default=[],
        help="for inference, ours as exported too, in this runtime; can be repeated",
    )
    parser.add_argument("--check", action="store_true", help="stop unless both give the same numbers")
    parser.add_argument("--out", metavar="FILE", help="JSON file for all figures")
    args = parser.parse_args(argv)
    if args.original is None:
        if args.check:
            parser.error("--check compares with the original: name its folder with --original")
        if args.weights is not None:
            parser.error("--weights takes the original's file: name its folder with --original")
    if args.backend and args.mode == "train":
        parser.error("--backend is for --mode inference: a runtime does not train")
    if args.repeats < 1 or args.warm_up < 0:
        parser.error("--repeats takes at least 1, --warm-up at least 0")
    return args


def benchmark(args: argparse.Namespace) -> None:
    """Measure as the command line says."""
    config = read_config(args)
    batch_size = args.batch_size or (config.train_dataloader.batch_size if args.mode == "train" else 1)
    shared = (args.original, args.weights)
    originals, ours = [], [*((ExportedSide, *shared, name) for name in args.backend), (OurSide, *shared)]
    if args.original is not None:
        originals.append((OriginalSide, *shared))
        if args.weights is not None:
            originals.append((OriginalSide, *shared, True))
        if args.mode == "train" and config.model.get("semantic_loss") is not None:
            ours.append((OurSide, *shared, True))

    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(args.threads, config, *side)) for side in originals + ours]
        report = dict(config=args.config, mode=args.mode, batch_size=batch_size, **workers[0]("machine"))
        print(
            f"{args.mode} of {args.config}, batch of {batch_size}, on {report['device']}, "
            f"{report['threads']} CPU threads, torch {report['torch']}; medians of {args.repeats} "
            f"turns, in each {args.warm_up} to warm up and 1 that counts"
        )
        if args.mode == "inference":
            limits = workers[-1]("limits")
            report["limits"] = limits._asdict()
            print(
                f"a 3x3 convolution reaches {limits.flops / 1e9:.1f} GFLOP/s, a copy "
                f"{limits.bandwidth / 1e9:.1f} GB/s"
            )
        # Peak memory is the largest so far: with the largest size last, each has its own, but for --check.
        sizes = sorted(map(tuple, args.size or SIZES[args.mode]), key=math.prod)
        report["sizes"] = [dict(height=height, width=width) for height, width in sizes]

        def load(entry: dict) -> None:
            for worker in workers:
                worker("load", batch_size, entry["height"], entry["width"])
            print(f"\n{entry['height']}x{entry['width']} (height x width)")

        checked = workers[-1:] if args.mode == "train" else workers[len(originals) :]
        if args.check:  # of all sizes first: once they have trained, the sides are no longer the same
            for entry in report["sizes"]:
                load(entry)
                for worker in checked:
                    entry["check"] = check(workers[0], worker, args.mode)
                    rows = [
                        [name, f"{a:.7g}", f"{b:.7g}", f"{abs(a - b):.1e}"] for name, a, b in entry["check"]
                    ]
                    print(table(["check", "original", worker("name"), "difference"], rows), flush=True)
        references = max(1, len(originals))
        header = ["time", "median", "fastest", "slowest"]
        header += [f"ratio to {ordinal}" for ordinal in ("1st", "2nd")[:references]]
        header += ["peak memory", "denormal weights"]
        for entry in report["sizes"]:
            load(entry)
            entry["results"] = measure(workers, args.mode, args.repeats, args.warm_up, references)
            rows = [
                [
                    result["name"],
                    *(f"{f(result['seconds']):.3f} s" for f in (median, min, max)),
                    *(f"{ratio:.3f}" for ratio in result["ratios"]),
                    f"{result['peak_memory'] / 2**30:.1f} GiB",
                    f"{result['denormals']:,}",
                ]
                for result in entry["results"]
            ]
            print(table(header, rows), flush=True)
            if args.mode == "inference":
                entry["throughput"] = describe_throughput(workers[-1], entry, batch_size, limits)
    if args.out is not None:
        write_bytes(args.out, (json.dumps(report, indent=2) + "\n").encode())


def describe_throughput(ours: Worker, entry: dict, batch_size: int, limits: MachineLimits) -> dict:
    """Print what ours does in a second, beside what the machine can do at most, and give the figures."""
    latency = entry["results"][-1]["median"]
    multiply_adds = ours("multiply_adds")
    pixels = batch_size * entry["height"] * entry["width"]
    figures = dict(
        latency=latency,
        images_per_second=batch_size / latency,
        multiply_adds=multiply_adds,
        share_of_convolution=2 * multiply_adds / latency / limits.flops,
        # Read once and written once: what no implementation can do without.
        share_of_copy=2 * 3 * 4 * pixels / latency / limits.bandwidth,
    )
    print(
        f"{ours('name')}: {1000 * latency:.1f} ms, {figures['images_per_second']:.2f} images/s, "
        f"{pixels / latency / 1e6:.1f} megapixels/s; {multiply_adds / 1e9:.2f} G multiply-adds, "
        f"{100 * figures['share_of_convolution']:.0f} % of the convolution's rate; "
        f"{100 * figures['share_of_copy']:.1f} % of the copy's",
        flush=True,
    )
    return figures


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: benchmark(args))


if __name__ == "__main__":
    main()
