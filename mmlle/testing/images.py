from collections.abc import Iterable
from pathlib import Path

import numpy as np

from mmlle.media.image_io import write_image

__all__ = ["dark_image", "write_images"]


def dark_image(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Make an underexposed picture: a colour gradient with noise on it.

    Args:
        height: Height in pixels.
        width: Width in pixels.
        seed: Of the colours and the noise.

    Returns:
        (height, width, 3) uint8, BGR, nowhere above 80.
    """
    rng = np.random.default_rng(seed)
    corners = rng.uniform(5, 65, (2, 2, 3))
    rows = np.linspace(0, 1, height)[:, None, None]
    columns = np.linspace(0, 1, width)[None, :, None]
    top = corners[0, 0] * (1 - columns) + corners[0, 1] * columns
    bottom = corners[1, 0] * (1 - columns) + corners[1, 1] * columns
    picture = top * (1 - rows) + bottom * rows + rng.normal(0, 3, (height, width, 3))
    return picture.round().clip(0, 80).astype(np.uint8)


def write_images(folder: str | Path, names: Iterable[str], size: tuple[int, int] = (32, 32)) -> Path:
    """Fill a folder with pictures of :func:`dark_image`, each with a seed of its own.

    Args:
        folder: Where to; made if it is not there.
        names: File names, sub-folders included; their endings choose the formats.
        size: Height and width in pixels.

    Returns:
        The folder.
    """
    for seed, name in enumerate(names):
        write_image(Path(folder, name), dark_image(*size, seed=seed))
    return Path(folder)
