"""The training command: ``tools/train.py``, and ``mmlle train`` where there is no checkout."""

import argparse

from mmlle.apis.training import train

from .command import add_runner_arguments, read_run_config, run

__all__ = ["main"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="mmlle train", description="Train a model.")
    add_runner_arguments(parser)
    parser.add_argument(
        "--resume",
        nargs="?",
        const=True,
        default=False,
        metavar="CHECKPOINT",
        help="go on from a checkpoint, or without a name from the newest one in the work folder",
    )
    parser.add_argument(
        "--amp",
        action="store_true",
        help="mixed precision: float16 with loss scaling on GPUs, bfloat16 on CPUs",
    )
    parser.add_argument(
        "--auto-scale-lr",
        action="store_true",
        help="scale the learning rate by the total batch size over the config's base_batch_size",
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: train(read_run_config(args), args.resume, args.amp, args.auto_scale_lr, args.launcher))
