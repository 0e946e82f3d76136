"""The test command: ``tools/test.py``, and ``mmlle test`` where there is no checkout."""

import argparse

from mmlle.apis.testing import test

from .command import add_runner_arguments, read_run_config, run

__all__ = ["main"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="mmlle test", description="Test a model.")
    add_runner_arguments(parser)
    parser.add_argument("checkpoint", help="checkpoint file")
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="JSON file for the metrics, with the values of each image and all that they depend on",
    )
    parser.add_argument(
        "--protocol",
        metavar="NAME",
        help="metrics to test by instead of the config's: a file of configs/_base_/protocols, or a path",
    )
    parser.add_argument("--show-dir", metavar="FOLDER", help="folder for the pictures")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(
        lambda: test(
            read_run_config(args, args.protocol), args.checkpoint, args.out, args.show_dir, args.launcher
        )
    )
