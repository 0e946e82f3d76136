"""Put ExDark into ``data/ExDark/{train,val,test}/<class>``, with a list of the classes beside each part."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.exdark import prepare_exdark

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("src", type=Path, help="ExDark.zip or the folder it was unpacked to")
    parser.add_argument("list", type=Path, help="imageclasslist.txt")
    parser.add_argument("--out", type=Path, default=Path("data/ExDark"), help="default: %(default)s")
    parser.add_argument("--link", action="store_true", help="link to a folder's files, not copy")
    parser.add_argument("--allow-incomplete", action="store_true", help="go on with what is there")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in OUT")
    args = parser.parse_args(argv)
    report = prepare_exdark(
        args.src,
        args.list,
        args.out,
        link=args.link,
        allow_incomplete=args.allow_incomplete,
        overwrite=args.overwrite,
    )
    print(f"{report}\nExDark is in {args.out}")


if __name__ == "__main__":
    run(main)
