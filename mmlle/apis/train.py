"""The training command: ``tools/train.py``, and ``mmlle train`` where there is no checkout."""

import argparse
from pathlib import Path

from mmengine.config import Config

from mmlle.utils.errors import UserError

from .command import add_runner_arguments, prepare_run, run

__all__ = ["main", "train"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="mmlle train", description="Train a model.")
    add_runner_arguments(parser)
    parser.add_argument(
        "--resume",
        nargs="?",
        const="auto",
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


def use_mixed_precision(config: Config) -> None:
    """Give every optimiser wrapper of a config its mixed-precision counterpart.

    Raises:
        UserError: If a wrapper is neither the plain nor the mixed-precision one.
    """
    import torch

    mixed = "AmpOptimWrapper" if torch.cuda.is_available() else "mmlle.BFloat16OptimWrapper"
    settings = config.optim_wrapper
    wrappers = [settings] if "optimizer" in settings else settings.values()
    for wrapper in wrappers:
        if not isinstance(wrapper, dict):
            continue  # the name of the constructor of several wrappers
        given = wrapper.get("type", "OptimWrapper")
        if given not in ("OptimWrapper", mixed):
            raise UserError(f"--amp replaces OptimWrapper by {mixed}; the config has {given!r}.")
        wrapper["type"] = mixed


def train(args: argparse.Namespace) -> None:
    """Train as the command line says."""
    config = prepare_run(args)
    if args.amp:
        use_mixed_precision(config)
    if args.auto_scale_lr:
        if "base_batch_size" not in config.get("auto_scale_lr", {}):
            raise UserError(
                "--auto-scale-lr needs the batch size that the config's learning rate is meant for: "
                "set auto_scale_lr=dict(base_batch_size=...) in the config."
            )
        config.auto_scale_lr.enable = True
    if args.resume is not None:
        if args.resume != "auto" and not Path(args.resume).is_file() and "://" not in args.resume:
            raise UserError(
                f"There is no checkpoint {args.resume} to go on from (looked for from {Path.cwd()})."
            )
        config.resume = True
        config.load_from = None if args.resume == "auto" else args.resume

    from mmengine.runner import Runner

    Runner.from_cfg(config).train()


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: train(args))
