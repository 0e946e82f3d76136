from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mmlle.media.image_io import list_images, read_image
from mmlle.utils.errors import UndefinedMeasureError, UserError

from .functional import psnr, ssim

__all__ = ["compare_folders", "find_images"]


def find_images(folder: str | Path) -> dict[str, Path]:
    """Find the images of a folder, by their paths below it without the suffixes.

    Raises:
        UserError: If there are none.
    """
    found = {str(Path(name).with_suffix("")): Path(folder, name) for name in list_images(folder)}
    if not found:
        raise UserError(f"There is no image below {folder} (looked for from {Path.cwd()}).")
    return found


def compare_folders(folders: Sequence[Mapping[str, Path]], truth: Mapping[str, Path]) -> np.ndarray:
    """Measure images against their ground truth.

    Args:
        folders: Images by name, see :func:`find_images`.
        truth: Ground truth by name; an image of each name must be in all folders.

    Returns:
        (folders, images, 2): PSNR in dB and SSIM, the images in the order of their names.

    Raises:
        UserError: If an image is missing, has another size than its ground truth, or is too small.
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
            try:
                figures[row, column] = psnr(image, reference), ssim(image, reference)
            except UndefinedMeasureError as error:
                raise UserError(f"{folder[name]}: {error}.") from error
    return figures
