"""Compare folders of images: ``python tools/analysis_tools/compare_images.py LOW ENHANCED --truth HIGH``.

Prints PSNR and SSIM of each folder against the ground truth, and writes a contact sheet with a column for
each folder. Images belong together by their path below the folder, whatever their file types; so results of
other programs can be measured too.
"""

import argparse
from pathlib import Path

import numpy as np

from mmlle.cli.errors import run
from mmlle.evaluation.compare_folders import compare_folders, find_images
from mmlle.media.contact_sheet import contact_sheet
from mmlle.media.image_io import read_image, write_image

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="folders of images")
    parser.add_argument("--truth", required=True, metavar="FOLDER", help="folder of the ground truth")
    parser.add_argument("--picture", metavar="FILE", help="where to write the contact sheet")
    parser.add_argument("--rows", type=int, default=3, help="how many images the contact sheet shows [3]")
    parser.add_argument(
        "--side", type=int, help="show the middle of each image, so many pixels wide and high, enlarged by 3"
    )
    args = parser.parse_args(argv)

    folders, truth = [find_images(folder) for folder in args.folders], find_images(args.truth)
    means = compare_folders(folders, truth).mean(axis=1)
    width = max(map(len, args.folders))
    print(f"{'against ' + args.truth:{width}}   PSNR    SSIM")
    for folder, (mean_psnr, mean_ssim) in zip(args.folders, means, strict=True):
        print(f"{folder:{width}}  {mean_psnr:6.3f}  {mean_ssim:.4f}")
    if args.picture is not None:
        columns, names = [*folders, truth], sorted(truth)[: args.rows]
        rows = [[read_image(column[name]) for column in columns] for name in names]
        if args.side is not None:
            rows = [[enlarged_middle(image, args.side) for image in row] for row in rows]
        titles = [Path(folder).name for folder in [*args.folders, args.truth]]
        write_image(args.picture, contact_sheet(rows, titles))
        print(f"Picture: {args.picture}")


def enlarged_middle(image: np.ndarray, side: int) -> np.ndarray:
    """Cut a square out of the middle of an image (H, W, 3), or what there is of it; three times as large."""
    top, left = (max(0, (length - side) // 2) for length in image.shape[:2])
    return image[top : top + side, left : left + side].repeat(3, axis=0).repeat(3, axis=1)


if __name__ == "__main__":
    run(main)
