"""Make a small sample set, offline, from photographs inside the scikit-image wheel."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.sample import prepare_sample

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("data/sample"), help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--size", type=int, default=192, help="default: %(default)s")
    parser.add_argument("--overwrite", action="store_true", help="make it again")
    args = parser.parse_args(argv)
    message, _ = prepare_sample(args.out, seed=args.seed, size=args.size, overwrite=args.overwrite)
    print(message)


if __name__ == "__main__":
    run(main)
