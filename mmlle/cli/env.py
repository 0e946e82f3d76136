"""The command that a bug report begins with: ``mmlle env``."""

import argparse

from mmlle.utils import collect_env

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Print versions and hardware."""
    argparse.ArgumentParser(prog="mmlle env", description="Print versions and hardware.").parse_args(argv)
    for name, value in collect_env().items():
        print(f"{name}: {value}")
