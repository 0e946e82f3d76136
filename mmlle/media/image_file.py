"""What all readers of images share: sources, limits and errors."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from mmlle.utils.errors import UserError
from mmlle.utils.files import walk_files

__all__ = [
    "HEIF_SUFFIXES",
    "IMAGE_SUFFIXES",
    "RAW_SUFFIXES",
    "Source",
    "UnreadableImageError",
    "UnsupportedImageError",
    "UnwritableImageError",
    "check_pixels",
    "check_plausible",
    "decoding",
    "list_images",
    "read_content",
]

#: What an image is read from; bytes and streams hold the content of an image file.
Source = str | Path | bytes | BinaryIO

#: Camera raw files, which need the extra ``raw``.
RAW_SUFFIXES = (".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".pef", ".raf", ".rw2", ".srw")

#: HEIC files, which need the extra ``heif``.
HEIF_SUFFIXES = (".heic", ".heif")

#: Endings of the file names that count as images, compared without regard to case.
IMAGE_SUFFIXES = tuple(
    sorted(
        (
            *(".avif", ".bmp", ".exr", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"),
            *HEIF_SUFFIXES,
            *RAW_SUFFIXES,
        )
    )
)


class UnreadableImageError(UserError, ValueError):
    """A file that should be an image and cannot be decoded."""


class UnsupportedImageError(ValueError):
    """Why a whole image cannot be used; the message says what to do. :func:`decoding` adds the name."""


class UnwritableImageError(UserError, ValueError):
    """An image that cannot be written under a name."""


def list_images(
    folder: str | Path, unreadable: list[str] | None = None, suffixes: tuple[str, ...] = IMAGE_SUFFIXES
) -> list[str]:
    """List the images below a folder.

    Args:
        folder: Where to look, sub-folders and linked folders included, each once; hidden files and folders
            are left out.
        unreadable: Takes a message for each folder that cannot be read; None to raise an error instead.
        suffixes: Endings of the names, lower case.

    Returns:
        Paths relative to the folder, sorted.

    Raises:
        UnreadableImageError: If a folder cannot be read.
    """

    def report(error: OSError) -> None:
        if isinstance(error, FileNotFoundError):
            return  # removed in between, or never there
        message = f"Cannot read the folder {error.filename}: {error.strerror}."
        if unreadable is None:
            raise UnreadableImageError(f"{message} Change its permissions.") from error
        unreadable.append(message)

    return sorted(
        path
        for path in walk_files(folder, report)
        if path.lower().endswith(suffixes) and not any(part[0] == "." for part in path.split(os.sep))
    )


def read_content(source: Source) -> tuple[str, bytes]:
    """Read an image file as a whole.

    Returns:
        A name for messages, and the content.

    Raises:
        UnreadableImageError: If there is no such file, or it cannot be read.
    """
    if isinstance(source, bytes):
        return "(bytes)", source
    name = str(source if isinstance(source, str | Path) else getattr(source, "name", "(stream)"))
    with decoding(name):
        return name, Path(source).read_bytes() if isinstance(source, str | Path) else source.read()


@contextmanager
def decoding(name: object) -> Iterator[None]:
    """Turn whatever a decoder raises into an :class:`UnreadableImageError`: one line with the file's name."""
    try:
        yield
    except UnreadableImageError:
        raise
    except Exception as error:  # decoders raise anything on a damaged file
        advice = ""
        if isinstance(error, UnsupportedImageError):
            reason = str(error)
        elif isinstance(error, MemoryError):
            reason = "it needs more memory than is free"
        else:
            reason = _reason(error)
            advice = " Get it again, or take it out of the folder."
        one_line = " ".join(reason.split()).rstrip(".")
        raise UnreadableImageError(f"Cannot read the image {name}: {one_line}.{advice}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "it is not an image, or one of an unknown format"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def check_pixels(height: int, width: int, max_pixels: int | None = None) -> None:
    """Refuse an image of too many pixels, before they take memory.

    Args:
        height: As the header claims.
        width: As the header claims.
        max_pixels: The limit; None for Pillow's, which other decoders have not.

    Raises:
        UnsupportedImageError: If it has more.
    """
    limits = [] if max_pixels is None else [max_pixels]
    if Image.MAX_IMAGE_PIXELS is not None:
        limits.append(2 * Image.MAX_IMAGE_PIXELS)
    if limits and height * width > min(limits):
        raise UnsupportedImageError(
            f"{height}x{width} px (height x width) exceed the limit of {min(limits):,} pixels; crop it"
        )


def check_plausible(image: Image.Image, size: int) -> None:
    """Refuse a file that is too small for the pixels that its header claims, before they take memory.

    A JPEG has at least one bit for each block of 8x8 pixels, and deflate (PNG) does not compress below
    1/1032. PPM is not compressed.

    Args:
        image: Opened, not decoded.
        size: Of the file in bytes.

    Raises:
        ValueError: If the file must be cut short.
    """
    pixels = image.width * image.height
    # Palettes, masks and greyscale may have one bit a pixel.
    channels = 1 / 8 if image.mode in ("1", "P", "L") else len(image.getbands())
    least = {
        "JPEG": pixels / 512,
        "MPO": pixels / 512,
        "PNG": pixels * channels / 1032,
        "PPM": pixels * channels,
    }
    if size < least.get(image.format or "", 0):
        raise ValueError(
            f"its header claims {image.height}x{image.width} px (height x width), and {size} bytes cannot "
            "hold them: it is damaged or cut short"
        )
