"""Draw the curves of trainings: ``python tools/analysis_tools/plot_logs.py WORK_DIR … --out curves.png``.

Every loss, accuracy and metric has a panel of its own, every training a curve in it. The values are those
that the logger wrote to ``<work_dir>/<time>/vis_data/scalars.json``.
"""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.utils.training_logs import draw_curves, read_scalars

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("work_dirs", nargs="+", type=Path, metavar="WORK_DIR", help="folders of trainings")
    parser.add_argument("--keys", nargs="+", default=["*"], help="what to draw, such as 'loss_*' PSNR [all]")
    parser.add_argument("--titles", nargs="+", help="names of the trainings [of their folders]")
    parser.add_argument("--smooth", type=int, default=1, metavar="N", help="average over N logged values [1]")
    parser.add_argument("--out", type=Path, default=Path("curves.png"), help="picture [curves.png]")
    args = parser.parse_args(argv)
    titles = args.titles or [folder.name for folder in args.work_dirs]
    if len(set(titles)) != len(args.work_dirs):
        parser.error(f"{len(args.work_dirs)} trainings need as many different --titles, got {titles}")
    runs = {title: read_scalars(folder) for title, folder in zip(titles, args.work_dirs, strict=True)}
    print(f"{args.out}: {', '.join(draw_curves(runs, args.keys, args.smooth, args.out))}")


if __name__ == "__main__":
    run(main)
