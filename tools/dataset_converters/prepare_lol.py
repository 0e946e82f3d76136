"""Put the LOL v1 data set into ``data/LOL/{our485,eval15}/{low,high}``."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.pairs import prepare_pairs

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("src", type=Path, help="LOLdataset.zip or the folder it was unpacked to")
    parser.add_argument("--out", type=Path, default=Path("data/LOL"), help="default: %(default)s")
    parser.add_argument("--link", action="store_true", help="link to a folder's files, not copy")
    parser.add_argument("--allow-incomplete", action="store_true", help="go on with the complete pairs")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in OUT")
    args = parser.parse_args(argv)
    report = prepare_pairs(
        "LOL",
        [args.src],
        args.out,
        link=args.link,
        allow_incomplete=args.allow_incomplete,
        overwrite=args.overwrite,
    )
    print(f"{report}\nLOL is in {args.out}")


if __name__ == "__main__":
    run(main)
