"""Make the training photographs of EnhanceNet from MSCOCO: ``data/SR/{train,val}``."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.coco import prepare_coco

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "sources", nargs="+", type=Path, help="train2017.zip and val2017.zip, or the folders they hold"
    )
    parser.add_argument("--out", type=Path, default=Path("data/SR"), help="default: %(default)s")
    parser.add_argument("--allow-incomplete", action="store_true", help="go on with what is there")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in OUT")
    args = parser.parse_args(argv)
    report = prepare_coco(
        args.sources, args.out, allow_incomplete=args.allow_incomplete, overwrite=args.overwrite
    )
    print(f"{report}\nThe photographs are in {args.out}")


if __name__ == "__main__":
    run(main)
