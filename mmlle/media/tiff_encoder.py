"""TIFF files of any depth with their properties; Pillow writes no 16-bit colour, OpenCV no properties."""

import zlib

import numpy as np
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from .exif_block import exif_tags

__all__ = ["encode_tiff"]

_HEADER = b"II*\0\x08\0\0\0"
_ROWS = 128
_LARGEST = 2**32 - 2**20


def encode_tiff(
    samples: np.ndarray,
    *,
    exif: bytes | None = None,
    xmp: bytes | None = None,
    icc_profile: bytes | None = None,
    dpi: tuple[float, float] | None = None,
) -> bytes:
    """Encode (H, W, 1 to 4) uint8, uint16 or float32: grey, grey and alpha, RGB, or RGB and alpha.

    Compressed by deflate (TIFF 6.0 with Adobe's supplement 2), integers as differences.

    Raises:
        ValueError: If the result exceeds the 4 GB of a TIFF.
    """
    height, width, channels = samples.shape
    floats = samples.dtype.kind == "f"
    strips = [zlib.compress(_differences(samples[top : top + _ROWS]), 4) for top in range(0, height, _ROWS)]
    if sum(map(len, strips)) > _LARGEST:
        raise ValueError("it exceeds the 4 GB of a TIFF")
    directory = ImageFileDirectory_v2(_HEADER)
    for tag, value in (exif_tags(exif) if exif else {}).items():
        directory[tag] = value
    directory[256], directory[257] = width, height
    directory[258] = (8 * samples.itemsize,) * channels
    directory[259] = 8  # deflate
    directory[262] = 1 if channels < 3 else 2  # black is zero, or RGB
    directory[273] = tuple(np.cumsum([0, *map(len, strips)])[:-1].tolist())  # tobytes adds where they begin
    directory[277] = channels
    directory[278] = _ROWS
    directory[279] = tuple(map(len, strips))
    if dpi:
        directory[282], directory[283], directory[296] = *dpi, 2
    if not floats:
        directory[317] = 2  # differences to the left neighbour
    if channels in (2, 4):
        directory[338] = 2  # alpha, not multiplied into the colours
    directory[339] = (3 if floats else 1,) * channels
    if xmp:
        directory[700] = xmp
    if icc_profile:
        directory[34675] = icc_profile
    return _HEADER + directory.tobytes(8) + b"".join(strips)


def _differences(band: np.ndarray) -> bytes:
    if band.dtype.kind == "u":
        band = np.concatenate([band[:, :1], band[:, 1:] - band[:, :-1]], axis=1)
    return band.astype(band.dtype.newbyteorder("<"), copy=False).tobytes()
