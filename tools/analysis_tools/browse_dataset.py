"""Pictures of what a model gets to see: ``python tools/analysis_tools/browse_dataset.py CONFIG``.

The samples are those of the first epoch, augmented as in training, in the same order.
"""

import argparse
import sys
from itertools import islice
from pathlib import Path

from mmengine.utils import ProgressBar

from mmlle.cli.command import add_config_arguments, read_config, run
from mmlle.datasets.sample_pictures import build_split_loader, sample_pictures
from mmlle.media.image_io import write_image
from mmlle.utils.errors import UserError

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_config_arguments(parser)
    parser.add_argument("--split", choices=["train", "val", "test"], default="train", help="which [train]")
    parser.add_argument("--num", type=int, default=20, help="how many samples [20]")
    parser.add_argument(
        "--out-dir", metavar="FOLDER", help="where the pictures go [outputs/browse/<config name>/<split>]"
    )
    args = parser.parse_args(argv)

    if args.num < 1:
        raise UserError(f"--num takes a number of at least 1, got {args.num}.")

    loader = build_split_loader(read_config(args), args.split)
    num = min(args.num, len(loader.dataset))
    out_dir = Path(args.out_dir or f"outputs/browse/{Path(args.config).stem}/{args.split}")
    bar = ProgressBar(num, file=sys.stderr)
    for key, picture in islice(sample_pictures(loader), num):
        write_image(out_dir / f"{key}.png", picture)
        bar.update()
    print(file=sys.stderr)
    print(f"{bar.completed} pictures in {out_dir}")


if __name__ == "__main__":
    run(main)
