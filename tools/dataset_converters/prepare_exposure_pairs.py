"""Make pairs of a dark and a well exposed image from scenes of several exposures."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.exposure_pairs import prepare_exposure_pairs

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("src", type=Path, help="folder of the scenes, such as data/SICE")
    parser.add_argument("scenes", nargs="+", help="their names")
    parser.add_argument("--out", type=Path, default=Path("data/SICE_val"), help="default: %(default)s")
    parser.add_argument("--side", type=int, default=256, help="of the square in the middle, in pixels [256]")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in OUT")
    args = parser.parse_args(argv)
    print(prepare_exposure_pairs(args.src, args.out, args.scenes, args.side, args.overwrite))


if __name__ == "__main__":
    run(main)
