"""What the commands share: reading configs, several processes, and errors that users can fix."""

import argparse
import os
from pathlib import Path

from mmengine.config import Config, DictAction

from mmlle.utils.checkpoint_io import trust_checkpoints
from mmlle.utils.errors import UserError
from mmlle.zoo import protocol_path

from .errors import run

__all__ = ["add_config_arguments", "add_runner_arguments", "read_config", "read_run_config", "run"]


def add_config_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``CONFIG`` and ``--cfg-options``."""
    parser.add_argument("config", help="config file")
    parser.add_argument(
        "--cfg-options",
        nargs="+",
        action=DictAction,
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
        UserError: If there is no such file or protocol.
    """
    if not Path(args.config).is_file():
        raise UserError(f"There is no config {args.config} (looked for from {Path.cwd()}).")
    config = Config.fromfile(args.config)
    if protocol is not None:
        config.update(_read_protocol(protocol))
    config.merge_from_dict(args.cfg_options)
    return config


def _read_protocol(name: str) -> dict:
    """Read the metrics of a protocol's test."""
    path = protocol_path(name)
    protocol = Config.fromfile(path)
    if not protocol.get("test_evaluator"):
        raise UserError(f"{path} is no protocol: it has no test_evaluator.")
    return dict(protocol=protocol.get("protocol", path.stem), test_evaluator=protocol.test_evaluator)


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
