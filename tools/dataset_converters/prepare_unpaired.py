"""Sort photographs by their brightness into ``data/unpaired/{low,normal}``."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.unpaired import prepare_unpaired

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("src", type=Path, help="photographs, a folder or a zip archive")
    parser.add_argument("--out", type=Path, default=Path("data/unpaired"), help="[data/unpaired]")
    ranges = dict(nargs=2, type=float, metavar=("FROM", "TO"))
    parser.add_argument("--low", default=(15, 60), help="mean luma of low-light images [15 60]", **ranges)
    parser.add_argument("--normal", default=(100, 160), help="of well-lit ones [100 160]", **ranges)
    parser.add_argument("--link", action="store_true", help="link to the files of a folder, do not copy them")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in the target folder")
    args = parser.parse_args(argv)
    report = prepare_unpaired(
        args.src,
        args.out,
        low=tuple(args.low),
        normal=tuple(args.normal),
        link=args.link,
        overwrite=args.overwrite,
    )
    print(f"{report}\nThe images are in {args.out}")


if __name__ == "__main__":
    run(main)
