"""Put LOL v2 or LSRW into ``data/LOL_v2`` or ``data/LSRW``, ``<part>/{train,test}/{low,high}``."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.pairs import PAIRED_SETS, prepare_pairs

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[name for name in PAIRED_SETS if name != "LOL"], help="the set")
    parser.add_argument("sources", nargs="+", type=Path, help="its archives, or the folders they hold")
    parser.add_argument("--out", type=Path, help="default: data/<name>")
    parser.add_argument("--link", action="store_true", help="link to a folder's files, not copy")
    parser.add_argument("--allow-incomplete", action="store_true", help="go on with the complete pairs")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in OUT")
    args = parser.parse_args(argv)
    out = args.out or Path("data", args.name)
    report = prepare_pairs(
        args.name,
        args.sources,
        out,
        link=args.link,
        allow_incomplete=args.allow_incomplete,
        overwrite=args.overwrite,
    )
    print(f"{report}\nThe pairs are in {out}")


if __name__ == "__main__":
    run(main)
