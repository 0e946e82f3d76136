"""Reading and writing image files."""

import os
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageOps

from mmlle.utils.errors import UserError
from mmlle.utils.files import write_bytes

__all__ = [
    "IMAGE_SUFFIXES",
    "UnreadableImageError",
    "UnwritableImageError",
    "encode_image",
    "image_size",
    "list_images",
    "read_image",
    "write_image",
]

#: Endings of the file names that count as images, compared without regard to case.
IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")


class UnreadableImageError(UserError, ValueError):
    """A file that should be an image and cannot be decoded."""


class UnwritableImageError(UserError, ValueError):
    """An image that cannot be written under a name."""


def list_images(folder: str | Path, unreadable: list[str] | None = None) -> list[str]:
    """List the images below a folder.

    Args:
        folder: Where to look, sub-folders and linked folders included; hidden files and folders are left out,
            and so are links to a folder that they lie in.
        unreadable: Takes a message for each folder that cannot be read; None to ignore these.

    Returns:
        Paths relative to the folder, sorted.
    """

    def report(error: OSError) -> None:
        if unreadable is not None and not isinstance(error, FileNotFoundError):
            unreadable.append(f"Cannot read the folder {error.filename}: {error.strerror}.")

    found = []
    # Of each folder and of those it lies in.
    real_paths: dict[str, tuple[str, ...]] = {os.fspath(folder): (os.path.realpath(folder),)}
    for root, folders, files in os.walk(folder, onerror=report, followlinks=True):
        above = real_paths.pop(root)
        subfolders = {name: os.path.realpath(os.path.join(root, name)) for name in folders if name[0] != "."}
        folders[:] = [name for name, real in subfolders.items() if real not in above]
        for name in folders:
            real_paths[os.path.join(root, name)] = (*above, subfolders[name])
        found += [
            os.path.relpath(os.path.join(root, name), folder)
            for name in files
            if name.lower().endswith(IMAGE_SUFFIXES) and not name.startswith(".")
        ]
    return sorted(found)


def image_size(path: str | Path) -> tuple[int, int]:
    """Give the height and width of an image, upright as its EXIF orientation says, without decoding it.

    Raises:
        UnreadableImageError: If the file is missing or its beginning is not that of an image.
    """
    try:
        with Image.open(path) as image:
            width, height = image.size
            turned = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unreadable(path, error) from error
    return (width, height) if turned else (height, width)


def read_image(path: str | Path | BinaryIO) -> np.ndarray:
    """Decode an image file, upright as its EXIF orientation says.

    Greyscale is repeated over three channels, transparency is dropped, 16 bits are scaled to 8.

    Args:
        path: A file of any of :data:`IMAGE_SUFFIXES`, or what is in one.

    Returns:
        (H, W, 3) uint8, BGR.

    Raises:
        UnreadableImageError: If the file is missing, cut short, not an image or one of 32 bits a channel.
    """
    # OpenCV fills the missing part of a truncated file with grey and says nothing; Pillow refuses it.
    try:
        with Image.open(path) as image:
            image.load()
            image = ImageOps.exif_transpose(image)
            if image.mode in ("I", "F"):
                raise ValueError("it has 32 bits a channel; save it with 8 or 16")
            if image.mode.startswith("I;16"):
                image = Image.fromarray((np.asarray(image) / 257).round().astype(np.uint8))
            rgb = np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unreadable(path, error) from error
    return np.ascontiguousarray(rgb[..., ::-1])


def _unreadable(path: str | Path | BinaryIO, error: Exception) -> UnreadableImageError:
    return UnreadableImageError(
        f"Cannot read the image {path}: {error}. Get it again, or take it out of the folder."
    )


def encode_image(image: np.ndarray, path: str | Path) -> bytes:
    """Encode an image by the ending of the path that it is for.

    Args:
        image: (H, W, 3) or (H, W), uint8, BGR.
        path: Where it will be written.

    Raises:
        UnwritableImageError: If no encoder knows the ending, or the image is too large for the format.
    """
    suffix = Path(path).suffix
    if not cv2.haveImageWriter(f"image{suffix}"):
        raise UnwritableImageError(
            f"Cannot write {path}: {suffix!r} is not an image format; use one of {', '.join(IMAGE_SUFFIXES)}."
        )
    encoded, content = cv2.imencode(suffix, image)
    if not encoded:
        raise UnwritableImageError(
            f"Cannot write {path}: {image.shape[0]}x{image.shape[1]} px (height x width) is too large for "
            f"{suffix!r}; use .png or .tif."
        )
    return content.tobytes()


def write_image(path: str | Path, image: np.ndarray) -> None:
    """Encode an image by the ending of its path, and write it as a whole or not at all.

    Args:
        path: Where to; missing folders are made.
        image: (H, W, 3) or (H, W), uint8, BGR.

    Raises:
        UnwritableImageError: If no encoder knows the ending, or the image is too large for the format.
    """
    write_bytes(path, encode_image(image, path))
