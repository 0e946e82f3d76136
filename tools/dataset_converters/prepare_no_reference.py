"""Put the photographs of DICM, LIME, MEF, NPE and VV into ``data/{DICM,LIME,MEF,NPE,VV}``."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.no_reference import prepare_no_reference

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "sources", nargs="+", type=Path, help="archives or folders that hold or are folders of these names"
    )
    parser.add_argument("--out", type=Path, default=Path("data"), help="default: %(default)s")
    parser.add_argument("--link", action="store_true", help="link to a folder's files, not copy")
    parser.add_argument("--allow-incomplete", action="store_true", help="go on with what is there")
    parser.add_argument("--overwrite", action="store_true", help="replace the folders of the sets found")
    args = parser.parse_args(argv)
    report = prepare_no_reference(
        args.sources,
        args.out,
        link=args.link,
        allow_incomplete=args.allow_incomplete,
        overwrite=args.overwrite,
    )
    print(f"{report}\nThe photographs are in {args.out}")


if __name__ == "__main__":
    run(main)
