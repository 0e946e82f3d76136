"""The config that an analysis tool is given."""

import argparse
from pathlib import Path

from mmengine.config import Config, DictAction

from mmlle.utils.errors import UserError

__all__ = ["add_config_arguments", "read_config"]


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


def read_config(args: argparse.Namespace) -> Config:
    """Read the config with its bases, and merge the options in.

    Raises:
        UserError: If there is no such file.
    """
    if not Path(args.config).is_file():
        raise UserError(f"There is no config {args.config} (looked for from {Path.cwd()}).")
    config = Config.fromfile(args.config)
    config.merge_from_dict(args.cfg_options)
    return config
