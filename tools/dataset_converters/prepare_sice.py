"""Put SICE Part 1 into ``data/SICE/<scene>/<exposure>.jpg``."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.sice import prepare_sice

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("src", type=Path, help="archive or folder of SICE Part 1")
    parser.add_argument("--out", type=Path, default=Path("data/SICE"), help="default: %(default)s")
    parser.add_argument("--size", type=int, help="resize to SIZE x SIZE; default: keep the files")
    parser.add_argument("--link", action="store_true", help="link to a folder's files, not copy")
    parser.add_argument(
        "--recover-scenes",
        action="store_true",
        help="frames are numbered through (Zero-DCE's training images): tell scenes by content",
    )
    parser.add_argument("--allow-incomplete", action="store_true", help="go on with what is there")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in OUT")
    args = parser.parse_args(argv)
    report = prepare_sice(
        args.src,
        args.out,
        size=args.size,
        link=args.link,
        recover_scenes=args.recover_scenes,
        allow_incomplete=args.allow_incomplete,
        overwrite=args.overwrite,
    )
    print(f"{report}\nSICE is in {args.out}")


if __name__ == "__main__":
    run(main)
