"""The export command: ``mmlle export``, and ``tools/deployment/export_onnx.py``."""

import argparse
from pathlib import Path

from mmlle.utils.errors import UserError

from .errors import run

__all__ = ["export", "main"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="mmlle export",
        description="Write a model as an ONNX file; `mmlle enhance --model F.onnx` runs it without PyTorch.",
    )
    parser.add_argument("model", metavar="MODEL", help="short name of a model, or a config file")
    parser.add_argument("-o", "--out", required=True, metavar="F.onnx", help="the file")
    parser.add_argument("--weights", help="checkpoint [the one that is shipped]")
    parser.add_argument(
        "--int8",
        metavar="FOLDER",
        help="quantise the convolutions to 8 bits, by the photographs of this folder; every fourth one is "
        "held out, to measure the loss",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the file if it is there already")
    return parser.parse_args(argv)


def export(args: argparse.Namespace) -> None:
    """Export as the command line says, and print how near the result is."""
    path = Path(args.out)
    if path.suffix.lower() != ".onnx":
        raise UserError(f"Cannot write {path}: the name of an exported file ends in .onnx.")
    if path.exists() and not args.overwrite:
        raise UserError(f"{path} is there already; --overwrite replaces it.")
    # Only now, since PyTorch takes seconds to load.
    from mmlle.apis.torch_backend import TorchBackend
    from mmlle.deployment.export import export_model

    backend = TorchBackend(args.model, args.weights, "cpu")
    if args.int8 is None:
        difference = export_model(backend, path)
        print(f"{path}: largest difference to PyTorch {difference:.1e}, of values in [0, 1]")
        return
    from mmlle.deployment.quantization import export_int8

    print(f"{path}: {export_int8(backend, path, args.int8)}")


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: export(args))
