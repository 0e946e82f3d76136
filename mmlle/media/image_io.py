"""Reading and writing image files as 8-bit BGR, as data sets use them; no property but the pixels is kept.

Photographs with all their properties: :mod:`mmlle.media.photograph`.
"""

import os
from pathlib import Path

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageOps

from mmlle.utils.files import write_bytes

from .image_file import (
    HEIF_SUFFIXES,
    IMAGE_SUFFIXES,
    RAW_SUFFIXES,
    UnreadableImageError,
    UnsupportedImageError,
    UnwritableImageError,
    check_plausible,
    decoding,
    list_images,
)
from .image_kinds import to_bgr
from .photograph_reading import read_photograph
from .photograph_writing import writing

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

#: What Pillow alone cannot decode, or decodes a small preview of.
_PHOTOGRAPHS = (".exr", *HEIF_SUFFIXES, *RAW_SUFFIXES)
#: What it decodes in part.
_TIFF = (".tif", ".tiff")

#: What :func:`write_image` encodes.
_WRITABLE = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")


def image_size(path: str | Path) -> tuple[int, int]:
    """Give the height and width of an image, upright as its EXIF orientation says, without decoding it.

    Camera raw, HEIC and EXR files are decoded.

    Raises:
        UnreadableImageError: If the file is missing or its beginning is not that of an image.
    """
    if str(path).lower().endswith(_PHOTOGRAPHS):
        height, width = read_photograph(path).pixels.shape[:2]
        return height, width
    with decoding(path), Image.open(path) as image:
        width, height = image.size
        turned = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
    return (width, height) if turned else (height, width)


def read_image(path: str | Path) -> np.ndarray:
    """Decode an image file, upright as its EXIF orientation says.

    Greyscale is repeated over three channels, transparency is dropped, 16 bits are scaled to 8.

    Args:
        path: A file of any of :data:`IMAGE_SUFFIXES`.

    Returns:
        (H, W, 3) uint8, BGR.

    Raises:
        UnreadableImageError: If the file is missing, cut short, not an image or a TIFF of 32 bits a channel.
    """
    if str(path).lower().endswith((*_PHOTOGRAPHS, *_TIFF)):
        photograph = read_photograph(path)
        if photograph.format == "TIFF" and photograph.depth == "float32":  # of no certain range
            raise UnreadableImageError(
                f"Cannot read the image {path}: it has 32 bits a channel; save it with 8 or 16."
            )
        return to_bgr(photograph.pixels)
    # OpenCV fills the missing part of a truncated file with grey and says nothing; Pillow refuses it.
    with decoding(path), Image.open(path) as image:
        check_plausible(image, os.path.getsize(path))
        image.load()
        image = ImageOps.exif_transpose(image)
        if image.mode in ("I", "F"):
            raise UnsupportedImageError("it has 32 bits a channel; save it with 8 or 16")
        if image.mode.startswith("I;16"):
            image = Image.fromarray((np.asarray(image) / 257).round().astype(np.uint8))
        rgb = np.asarray(image.convert("RGB"))
    return np.ascontiguousarray(rgb[..., ::-1])


def encode_image(image: np.ndarray, path: str | Path) -> bytes:
    """Encode an image by the ending of the path that it is for.

    Args:
        image: (H, W, 3) or (H, W), uint8, BGR.
        path: Where it will be written.

    Raises:
        UnwritableImageError: If no encoder knows the ending, or the image is too large for the format.
    """
    suffix = Path(path).suffix
    if suffix.lower() not in _WRITABLE:
        raise UnwritableImageError(
            f"Cannot write {path}: {suffix!r} is not an image format; use one of {', '.join(_WRITABLE)}."
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
        UnwritableImageError: If no encoder knows the ending, the image is too large for the format, or the
            file cannot be written.
    """
    content = encode_image(image, path)
    with writing(path):
        write_bytes(path, content)
