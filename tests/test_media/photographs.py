"""Files with every property, made for the tests."""

import io
import struct

import numpy as np
from PIL import Image

DISPLAY_P3 = [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
ADOBE_RGB = [[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]]
SRGB = [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
SRGB_CURVE = (3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6" xmp:Rating="4"/></x:xmpmeta>'


def curve(kind, *numbers):
    """Parametric curve of an ICC profile."""
    return b"para\0\0\0\0" + struct.pack(f">HH{len(numbers)}i", kind, 0, *(round(n * 65536) for n in numbers))


def table(values):
    """Curve of an ICC profile as a table of uint16."""
    return b"curv\0\0\0\0" + struct.pack(f">I{len(values)}H", len(values), *values)


def profile(matrix=DISPLAY_P3, trc=None, space=b"RGB ", **extra):
    """ICC profile of a matrix, to XYZ (D50), and one curve."""
    trc = trc or curve(*SRGB_CURVE)
    tags = {b"wtpt": xyz((0.9642, 1.0, 0.8249))}
    if space == b"GRAY":
        tags[b"kTRC"] = trc
    else:
        for name, column in zip("rgb", np.array(matrix).T, strict=True):
            tags[f"{name}XYZ".encode()], tags[f"{name}TRC".encode()] = xyz(column), trc
    tags |= {name.encode(): value for name, value in extra.items()}
    offset, table_, data = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table_ += struct.pack(">4sII", name, offset + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    header = struct.pack(
        ">I4sI4s4s4s12x4s", offset + len(data), b"none", 0x02400000, b"mntr", space, b"XYZ ", b"acsp"
    )
    illuminant = xyz((0.9642, 1.0, 0.8249))[8:]  # D50
    return (header.ljust(68, b"\0") + illuminant).ljust(128, b"\0") + table_ + data


def xyz(values):
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))


def exif(orientation=1, thumbnail=b"\xff\xd8 a small dark picture \xff\xd9", order="<"):
    """EXIF block with a camera, a maker's note, a place, the size in pixels and a thumbnail."""
    make, note = b"Tiny Cameras\0", b"MAKER-NOTE-0123456789"

    def directory(*entries, following=0):
        body = struct.pack(order + "H", len(entries))
        for tag, kind, count, value in entries:
            value = struct.pack(order + "HH", value, 0) if kind == 3 else struct.pack(order + "I", value)
            body += struct.pack(order + "HHI", tag, kind, count) + value
        return body + struct.pack(order + "I", following)

    first, details, place, second = 8, 120, 200, 240
    second_at = second if thumbnail else 0
    blob = bytearray(300)
    blob[:8] = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, first)

    def put(offset, content):
        blob[offset : offset + len(content)] = content

    put(
        first,
        directory(
            (0x010F, 2, len(make), 90),
            (0x0112, 3, 1, orientation),
            (0x8769, 4, 1, details),
            (0x8825, 4, 1, place),
            following=second_at,
        ),
    )
    put(90, make)
    put(
        details,
        directory(
            (0x8827, 3, 1, 3200), (0x927C, 7, len(note), 175), (0xA002, 4, 1, 640), (0xA003, 4, 1, 480)
        ),
    )
    put(175, note)
    put(place, directory((0x0000, 1, 4, 0x00000302), (0x0005, 1, 1, 0)))
    if thumbnail:
        put(second, directory((0x0103, 3, 1, 6), (0x0201, 4, 1, 300), (0x0202, 4, 1, len(thumbnail))))
        blob += thumbnail
    return bytes(blob)


def noise(height, width, channels, depth="uint8", seed=0):
    """Random samples (H, W, C)."""
    rng = np.random.default_rng(seed)
    if depth == "float32":
        return rng.random((height, width, channels), np.float32)
    return rng.integers(0, np.iinfo(depth).max, (height, width, channels), depth, endpoint=True)


def smooth(height=48, width=64):
    """RGB uint8 without much detail, which lossy formats keep."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return np.rint(np.stack([x, y, (x + y) / 2], -1) * 200 + 20).astype(np.uint8)


def encoded(samples, format, **options):
    """Content of a file of (H, W, C) uint8 that Pillow makes."""
    stream = io.BytesIO()
    Image.fromarray(samples.squeeze(2) if samples.shape[2] == 1 else samples).save(stream, format, **options)
    return stream.getvalue()
