"""Make the photographs of the quality benchmark in data/quality, to choose by and for the final table."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.quality_sets import prepare_quality_sets

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default, text in (
        ("sice", "data/SICE", "scenes of SICE, from prepare_sice.py"),
        ("bsds", "data/BSDS500/train", "BSDS500's train part"),
        ("lol", "data/LOL/eval15", "LOL's test pairs, from prepare_lol.py"),
        ("dicm", "data/DICM", "DICM"),
        ("npe", "data/NPE", "NPE"),
        ("out", "data/quality", "target folder"),
    ):
        parser.add_argument(f"--{name}", type=Path, default=Path(default), help=f"{text} [%(default)s]")
    parser.add_argument(
        "--exclude",
        nargs="*",
        default=["114", "220"],
        help="scenes whose frames are not aligned [%(default)s]",
    )
    parser.add_argument("--side", type=int, default=400, help="longer side at most, in pixels [%(default)s]")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in OUT")
    args = vars(parser.parse_args(argv))
    print(prepare_quality_sets(args.pop("out"), **args))


if __name__ == "__main__":
    run(main)
