"""Small image files for the tests of the converters."""

from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ["files_below", "save_picture", "smooth_picture"]


def smooth_picture(seed: int, width: int = 12, height: int = 8) -> np.ndarray:
    """Blobs of colour, (height, width, 3) uint8, that survive JPEG and resizing."""
    coarse = np.random.default_rng(seed).integers(40, 220, (4, 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def save_picture(path: Path, seed: int = 0, width: int = 12, height: int = 8) -> Path:
    """Write a picture; the suffix chooses the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(smooth_picture(seed, width, height)).save(path)
    return path


def files_below(folder: Path) -> set[str]:
    """Relative paths of all files."""
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
