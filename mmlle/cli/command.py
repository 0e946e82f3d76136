"""What the commands share: reading configs, several processes, and errors that users can fix."""

import argparse
import os
import re
import traceback
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction

from mmlle.utils.checkpoint_io import trust_checkpoints
from mmlle.utils.errors import UserError, one_line
from mmlle.zoo import protocol_path

from .errors import run

__all__ = ["add_config_arguments", "add_runner_arguments", "read_config", "read_run_config", "run"]


class SettingsAction(DictAction):
    """MMEngine's reading of ``KEY=VALUE``, with a message for what is none."""

    def __call__(self, parser: argparse.ArgumentParser, *arguments: Any, **options: Any) -> None:
        """Read the settings."""
        namespace, values = arguments[:2]
        for each in values:
            if not re.fullmatch(r"[^=\s]+=.*", each, re.DOTALL):
                parser.error(
                    f"--cfg-options takes KEY=VALUE, as in model.generator.width=16, and not {each!r}"
                )
        try:
            super().__call__(parser, *arguments, **options)
        except (ValueError, AssertionError, IndexError, SyntaxError) as error:
            parser.error(f"--cfg-options {' '.join(values)} cannot be read: {error}")


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``CONFIG`` and ``--cfg-options``."""
    parser.add_argument("config", help="config file")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action=SettingsAction,
        default={},
        metavar="KEY=VALUE",
        help="settings that replace the config's, as in model.generator.width=16",
    )


def read_config(args: argparse.Namespace, protocol: str | None = None) -> Config:
    """Read the config with its bases, and merge the options in.

    Args:
        args: The arguments, those of :func:`add_config_arguments` among them.
        protocol: What replaces the metrics of the test, see :func:`mmlle.zoo.protocol_path`.

    Raises:
        UserError: If there is no such file or protocol, it cannot be read as a config, or the options do not
            fit it.
    """
    if not Path(args.config).is_file():
        raise UserError(f"There is no config {args.config} (looked for from {Path.cwd()}).")
    try:
        config = Config.fromfile(args.config)
    except UserError:
        raise
    except Exception as error:  # a config is a program, in which anything may be wrong
        raise UserError(
            one_line(f"The config {args.config} cannot be read: {_describe(error, args.config)}")
        ) from error
    if protocol is not None:
        config.update(_read_protocol(protocol))
    for name, value in args.cfg_options.items():
        try:
            config.merge_from_dict({name: value})
        except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
            text = error.args[0] if error.args else error
            raise UserError(
                one_line(f"--cfg-options {name}={value!r} does not fit the config {args.config}: {text}")
            ) from error
    return config


def _read_protocol(name: str) -> dict:
    """Read the metrics of a protocol's test."""
    path = protocol_path(name)
    protocol = Config.fromfile(path)
    if not protocol.get("test_evaluator"):
        raise UserError(f"{path} is no protocol: it has no test_evaluator.")
    return dict(protocol=protocol.get("protocol", path.stem), test_evaluator=protocol.test_evaluator)


def _describe(error: Exception, config: str) -> str:
    """Say what is wrong in a config and where, as far as the error tells."""
    if isinstance(error, SyntaxError):
        where = f"{Path(error.filename).name if error.filename else Path(config).name}, line {error.lineno}"
        return f"{error.msg} ({where})"
    text = " ".join(f"{type(error).__name__}: {error}".split())
    # MMEngine copies configs before it runs them; the copy of the last one that failed has the line.
    lines = [
        line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_name == "<module>"
    ]
    return f"{text} (line {lines[-1]})" if lines else text


def add_runner_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what training and testing have in common."""
    add_config_arguments(parser)
    parser.add_argument("--work-dir", help="folder of logs and checkpoints [work_dirs/<config name>]")
    parser.add_argument(
        "--launcher",
        choices=["none", "pytorch", "slurm", "mpi"],
        default="none",
        help="what started the processes, if there are several",
    )
    parser.add_argument(
        "--trust-checkpoint",
        action="store_true",
        help="run the code that a checkpoint may hold; only for files whose origin you trust",
    )
    parser.add_argument("--local_rank", "--local-rank", type=int, help=argparse.SUPPRESS)


def read_run_config(args: argparse.Namespace, protocol: str | None = None) -> Config:
    """Read the config of a training or a test, and take over the options that are for this process.

    Args:
        args: The arguments, those of :func:`add_runner_arguments` among them.
        protocol: See :func:`read_config`.

    Raises:
        UserError: If there is no such file or protocol.
    """
    config = read_config(args, protocol)
    if args.work_dir is not None:
        config.work_dir = args.work_dir
    if args.trust_checkpoint:
        trust_checkpoints()
    # torch.distributed.launch passes the rank as an argument; torchrun sets the environment instead.
    if args.launcher == "pytorch" and args.local_rank is not None:
        os.environ.setdefault("LOCAL_RANK", str(args.local_rank))
    return config
