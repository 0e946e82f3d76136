"""Sort LOL v1's low-light training images by scene into ``data/LOL_scenes/<scene>/<number>.png``."""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.converters.lol_scenes import prepare_lol_scenes

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("src", type=Path, help="data/LOL, or the archive or folder of LOL v1")
    parser.add_argument("--out", type=Path, default=Path("data/LOL_scenes"), help="default: %(default)s")
    parser.add_argument("--link", action="store_true", help="link to a folder's files, not copy")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in OUT")
    args = parser.parse_args(argv)
    report = prepare_lol_scenes(args.src, args.out, link=args.link, overwrite=args.overwrite)
    print(f"{report}\nThe scenes are in {args.out}")


if __name__ == "__main__":
    run(main)
