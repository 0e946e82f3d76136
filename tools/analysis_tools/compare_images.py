"""Compare folders of images: ``python tools/analysis_tools/compare_images.py LOW ENHANCED --truth HIGH``.

Prints PSNR and SSIM of each folder against the ground truth, and writes a picture with a column for each
folder. Images belong together by their path below the folder, whatever their file types; so results of other
programs can be measured too.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from mmlle.cli.command import run
from mmlle.engine.picture_hook import side_by_side
from mmlle.evaluation.functional import psnr, ssim
from mmlle.media.image_io import list_images, read_image, write_image
from mmlle.utils.errors import UserError

__all__ = ["compare", "find", "main"]


def find(folder: str) -> dict[str, Path]:
    """Find the images of a folder, by their paths below it without the endings.

    Raises:
        UserError: If there are none.
    """
    found = {str(Path(name).with_suffix("")): Path(folder, name) for name in list_images(folder)}
    if not found:
        raise UserError(f"There is no image below {folder} (looked for from {Path.cwd()}).")
    return found


def compare(folders: list[dict[str, Path]], truth: dict[str, Path]) -> np.ndarray:
    """Measure images against their ground truth.

    Args:
        folders: Images by name.
        truth: Ground truth by name; an image of each name must be in all folders.

    Returns:
        (folders, images, 2): PSNR in dB and SSIM.

    Raises:
        UserError: If an image is missing, or has not the size of its ground truth.
    """
    figures = np.empty((len(folders), len(truth), 2))
    for column, name in enumerate(tqdm(sorted(truth), unit="image")):
        reference = read_image(truth[name])
        for row, folder in enumerate(folders):
            if name not in folder:
                raise UserError(
                    f"{truth[name]} has no counterpart {name}.* beside {next(iter(folder.values()))}."
                )
            image = read_image(folder[name])
            if image.shape != reference.shape:
                raise UserError(
                    f"{folder[name]} is {image.shape[0]}x{image.shape[1]} and {truth[name]} "
                    f"{reference.shape[0]}x{reference.shape[1]} (height x width): they must be equal."
                )
            figures[row, column] = psnr(image, reference), ssim(image, reference)
    return figures


def contact_sheet(columns: list[dict[str, Path]], titles: list[str], names: list[str]) -> np.ndarray:
    """Draw a picture (H, W, 3), uint8, BGR, with a row for each name and a titled column for each folder."""
    images = [[read_image(column[name]) for column in columns] for name in names]
    width = max(image.shape[1] for row in images for image in row)
    header = []
    for title in titles:
        cell = np.full((28, width, 3), 255, np.uint8)
        cv2.putText(cell, title, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
        header.append(cell)

    def to_cell(image: np.ndarray) -> np.ndarray:
        missing = width - image.shape[1]
        return np.pad(image, ((0, 0), (0, missing), (0, 0)), constant_values=255)

    rows = [side_by_side(header)] + [side_by_side([to_cell(image) for image in row]) for row in images]
    return np.concatenate(rows)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="folders of images")
    parser.add_argument("--truth", required=True, metavar="FOLDER", help="folder of the ground truth")
    parser.add_argument("--picture", metavar="FILE", help="where to write the picture")
    parser.add_argument("--rows", type=int, default=3, help="how many images the picture shows [3]")
    args = parser.parse_args()

    folders, truth = [find(folder) for folder in args.folders], find(args.truth)
    means = compare(folders, truth).mean(axis=1)
    width = max(map(len, args.folders))
    print(f"{'against ' + args.truth:{width}}   PSNR    SSIM")
    for folder, (mean_psnr, mean_ssim) in zip(args.folders, means, strict=True):
        print(f"{folder:{width}}  {mean_psnr:6.3f}  {mean_ssim:.4f}")
    if args.picture is not None:
        titles = [Path(folder).name for folder in [*args.folders, args.truth]]
        names = sorted(truth)[: args.rows]
        write_image(args.picture, contact_sheet([*folders, truth], titles, names))
        print(f"Picture: {args.picture}")


if __name__ == "__main__":
    run(main)
