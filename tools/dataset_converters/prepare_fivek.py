"""Make pairs of MIT-Adobe FiveK: ``data/FiveK/{train,test}/{low,high}/<number>.png``."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.fivek import prepare_fivek

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("inputs", type=Path, help="folder or archive of the exported inputs")
    parser.add_argument(
        "expert", type=Path, help="folder or archive of an expert's results, such as tiff16_c"
    )
    parser.add_argument("--out", type=Path, default=Path("data/FiveK"), help="default: %(default)s")
    parser.add_argument("--side", type=int, default=512, help="longer side at most, in pixels [%(default)s]")
    parser.add_argument("--allow-incomplete", action="store_true", help="go on with the complete pairs")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in OUT")
    args = parser.parse_args(argv)
    report = prepare_fivek(
        args.inputs,
        args.expert,
        args.out,
        side=args.side,
        allow_incomplete=args.allow_incomplete,
        overwrite=args.overwrite,
    )
    print(f"{report}\nThe pairs are in {args.out}")


if __name__ == "__main__":
    run(main)
