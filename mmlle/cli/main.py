"""The command line ``mmlle``."""

import argparse
import os
import sys
from importlib import import_module

from mmlle.utils.errors import UserError
from mmlle.utils.pytorch_needed import pytorch_needed
from mmlle.version import __version__

from .errors import INTERRUPTED, stop

__all__ = ["main"]

COMMANDS = {
    "enhance": "enhance photographs",
    "app": "enhance photographs in a web page",
    "train": "train a model: tools/train.py, for those without a checkout",
    "models": "list the models that have a short name",
    "export": "write a model as an ONNX file, which needs no PyTorch",
    "env": "print versions, for a bug report",
    "test": "test a model: tools/test.py, for those without a checkout",
}


def main(argv: list[str] | None = None) -> None:
    """Run one of the commands with the arguments that follow its name."""
    parser = argparse.ArgumentParser(
        prog="mmlle",
        description="Low-light image enhancement.",
        epilog="\n".join(f"{name:8} {text}" for name, text in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mmlle {__version__}")
    parser.add_argument("command", choices=COMMANDS, help="`mmlle COMMAND --help` tells more")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the command takes")
    args = parser.parse_args(argv)
    try:
        with pytorch_needed():
            # Only then, since PyTorch takes seconds to load.
            import_module(f"mmlle.cli.{args.command}").main(args.arguments)
    except UserError as error:
        stop(str(error))
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # As in `mmlle models | head`: what is left would be written again at the end, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
