"""Print a config as a whole: ``python tools/analysis_tools/print_config.py CONFIG``.

Its bases are merged in and its variables replaced, so the text is a config of its own.
"""

import argparse

from mmlle.cli.command import add_config_arguments, read_config, run
from mmlle.utils.files import write_bytes

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_config_arguments(parser)
    parser.add_argument("--out", metavar="FILE", help="config file to write as well")
    args = parser.parse_args(argv)

    text = read_config(args).pretty_text
    print(text)
    if args.out is not None:
        write_bytes(args.out, f"{text.rstrip()}\n".encode())


if __name__ == "__main__":
    run(main)
