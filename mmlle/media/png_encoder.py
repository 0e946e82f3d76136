"""PNG files of any depth with their properties; Pillow writes no 16-bit colour, OpenCV no properties."""

import struct
import zlib

import cv2
import numpy as np

__all__ = ["encode_png"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_ROWS = 64
_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
_METRES_PER_INCH = 0.0254


def encode_png(
    samples: np.ndarray,
    *,
    exif: bytes | None = None,
    xmp: bytes | None = None,
    icc_profile: bytes | None = None,
    dpi: tuple[float, float] | None = None,
) -> bytes:
    """Encode (H, W, 1 to 4) uint8 or uint16: grey, grey and alpha, RGB, or RGB and alpha.

    OpenCV compresses; it knows no grey with alpha, rows of which are predicted here by the Paeth filter
    (PNG specification, 9.4).

    Raises:
        ValueError: If OpenCV cannot.
    """
    height, width, channels = samples.shape
    header = struct.pack(">IIBBBBB", width, height, 8 * samples.itemsize, _COLOR_TYPES[channels], 0, 0, 0)
    chunks = [(b"IHDR", header)]
    if icc_profile:
        chunks.append((b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc_profile)))
    if dpi:
        chunks.append((b"pHYs", struct.pack(">IIB", *(round(value / _METRES_PER_INCH) for value in dpi), 1)))
    if exif:
        chunks.append((b"eXIf", exif))
    if xmp:
        chunks.append((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
    if channels == 2:
        chunks += [(b"IDAT", part) for part in _compress(samples)]
        chunks.append((b"IEND", b""))
        return _SIGNATURE + _join(chunks)
    order = [2, 1, 0, 3][:channels] if channels > 2 else [0]
    encoded, content = cv2.imencode(".png", np.ascontiguousarray(samples[..., order]))
    if not encoded:
        raise ValueError("OpenCV could not encode it")
    header_end = len(_SIGNATURE) + len(_join(chunks[:1]))
    return _SIGNATURE + _join(chunks) + content.tobytes()[header_end:]


def _join(chunks: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _compress(samples: np.ndarray) -> list[bytes]:
    height, width, channels = samples.shape
    step = channels * samples.itemsize
    stream = zlib.compressobj(level=4, strategy=zlib.Z_FILTERED)
    parts = []
    above = np.zeros((1, width * step), np.uint8)
    for top in range(0, height, _ROWS):
        band = samples[top : top + _ROWS]
        rows = np.ascontiguousarray(band, band.dtype.newbyteorder(">")).view(np.uint8).reshape(len(band), -1)
        filtered = np.empty((len(rows), 1 + rows.shape[1]), np.uint8)
        filtered[:, 0] = 4
        filtered[:, 1:] = rows - _paeth(rows, np.concatenate([above, rows[:-1]]), step)
        above = rows[-1:]
        parts.append(stream.compress(filtered.tobytes()))
    parts.append(stream.flush())
    return [part for part in parts if part]


def _paeth(rows: np.ndarray, above: np.ndarray, step: int) -> np.ndarray:
    """Predict each byte by its neighbour to the left, above or above left, the nearest to their plane."""
    left = np.zeros_like(rows, np.int16)
    left[:, step:] = rows[:, :-step]
    corner = np.zeros_like(left)
    corner[:, step:] = above[:, :-step]
    up = above.astype(np.int16)
    to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    predicted = np.where(to_up <= to_corner, up, corner)
    return np.where((to_left <= to_up) & (to_left <= to_corner), left, predicted).astype(np.uint8)
