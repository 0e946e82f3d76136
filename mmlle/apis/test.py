"""The test command: ``tools/test.py``, and ``mmlle test`` where there is no checkout."""

import argparse
import json
from pathlib import Path

from mmlle.utils.errors import UserError
from mmlle.utils.image_io import write_bytes

from .command import add_runner_arguments, prepare_run, run

__all__ = ["main", "test"]


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="mmlle test", description="Test a model.")
    add_runner_arguments(parser)
    parser.add_argument("checkpoint", help="checkpoint file")
    parser.add_argument("--out", metavar="FILE", help="JSON file for the metrics")
    parser.add_argument("--show-dir", metavar="FOLDER", help="folder for the pictures")
    return parser.parse_args(argv)


def test(args: argparse.Namespace) -> None:
    """Test as the command line says."""
    config = prepare_run(args)
    if not Path(args.checkpoint).is_file() and "://" not in args.checkpoint:
        raise UserError(
            f"There is no checkpoint {args.checkpoint} (looked for from {Path.cwd()}). Train one with "
            "tools/train.py, or convert the authors' weights with "
            "tools/model_converters/official_to_mmlle.py."
        )
    if args.show_dir is not None:
        hook = config.setdefault("default_hooks", {}).setdefault("picture", {})
        hook.setdefault("type", "mmlle.PictureHook")
        hook["show_dir"] = args.show_dir

    from mmengine.dist import is_main_process
    from mmengine.runner import Runner

    runner = Runner.from_cfg(config)
    try:
        runner.load_checkpoint(args.checkpoint, map_location="cpu", strict=True)
    except UserError:
        raise
    except RuntimeError as error:
        raise UserError(
            f"{args.checkpoint} does not fit the model of {args.config}: {error}. Test a checkpoint with the "
            "config that it was trained with."
        ) from error
    metrics = runner.test()
    if args.out is not None and is_main_process():
        write_bytes(args.out, (json.dumps(metrics, indent=2) + "\n").encode())


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    args = parse_args(argv)
    run(lambda: test(args))
