"""What happens to each property of a photograph between a file and its result, found by trying it."""

import io
import struct
from dataclasses import replace

import numpy as np

from mmlle.utils.errors import UserError

from .exif_block import build_exif
from .photograph import Depth, JpegSettings, Photograph
from .photograph_reading import read_photograph
from .photograph_writing import encode_photograph, lost_properties

__all__ = ["conversion_table", "property_table"]

_SUFFIXES = (".jpg", ".png", ".tif", ".webp", ".avif", ".bmp", ".ppm", ".exr")
_DEPTHS: tuple[Depth, ...] = ("uint8", "uint16", "float32")
_BITS = {"uint8": "8 bits", "uint16": "16 bits", "float32": "float"}
_COLUMNS = ("samples", "alpha", "orientation", "EXIF", "XMP", "ICC profile", "DPI")
_HEIGHT, _WIDTH = 40, 56


def property_table() -> str:
    """Table of formats, depths, grey and alpha; each file has every property that its format can hold.

    Each file is read, its pixels are replaced by the same, it is written under its own ending and read again.

    Returns:
        Markdown. ``-`` says that the format has no such property.
    """
    rows = [
        _row(suffix, depth, grey, alpha)
        for suffix in _SUFFIXES
        for depth in _DEPTHS
        for grey in (False, True)
        for alpha in (False, True)
        if _exists(suffix, depth, alpha)
    ]
    return _markdown(("file", "channels", *_COLUMNS), rows)


def conversion_table() -> str:
    """Table of what is converted, left out or refused when a photograph is written in another format.

    Returns:
        Markdown.
    """
    rows = []
    for suffix in _SUFFIXES:
        cells = [suffix]
        for depth in _DEPTHS:
            kept = _photograph(depth, grey=False, alpha=False)
            lost = [text for text in lost_properties(kept, suffix) if "become" in text and "sRGB" not in text]
            cells.append(lost[0].split(" become ")[1] if lost else "kept")
        try:
            encode_photograph(_photograph("uint8", grey=False, alpha=True), suffix)
            cells.append("kept")
        except UserError:
            cells.append("refused")
        lost = list(lost_properties(_photograph("uint8", grey=False, alpha=False), suffix))
        cells.append("; ".join(lost) or "-")
        rows.append(cells)
    return _markdown(("to", "8 bits", "16 bits", "float", "alpha", "of the other properties"), rows)


def _markdown(head: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _exists(suffix: str, depth: Depth, alpha: bool) -> bool:
    """Tell whether a format has such files: whether one can be written without loss of depth or alpha."""
    photograph = _photograph(depth, grey=False, alpha=alpha)
    if suffix == ".exr" and depth != "float32":
        return False
    try:
        encode_photograph(photograph, suffix)
    except UserError:
        return False
    lost = lost_properties(photograph, suffix)
    return not any(text.startswith(("16 bits", "32-bit floats")) for text in lost)


def _photograph(depth: Depth, grey: bool, alpha: bool) -> Photograph:
    """Smooth colours, as lossy formats keep, saturated ones beyond sRGB in between, and every property."""
    y, x = np.mgrid[0 : 1 : _HEIGHT * 1j, 0 : 1 : _WIDTH * 1j]
    pixels = np.stack([x, y, 0.5 * (x + y)], axis=-1)
    if grey:
        pixels = np.repeat(pixels[..., :1], 3, axis=2)
    full = 1 if depth == "float32" else np.iinfo(depth).max
    pixels = (np.rint(pixels * full) / full).astype(np.float32)
    return Photograph(
        pixels,
        grey=grey,
        alpha=np.rint(y * full).astype(depth) if alpha else None,
        depth=depth,
        exif=build_exif({0x010F: "Camera", 0x8769: {0x8827: 3200, 0x927C: b"a maker's note"}}),
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        icc_profile=_gray_profile() if grey else _display_p3(),
        dpi=(300.0, 300.0),
        jpeg=JpegSettings(((3,) * 64,) * (1 if grey else 2), 1, True),
        lossless=True,
    )


def _row(suffix: str, depth: Depth, grey: bool, alpha: bool) -> list[str]:
    made = encode_photograph(_photograph(depth, grey, alpha), suffix)
    before = read_photograph(made)
    content = encode_photograph(before.replaced(before.pixels), suffix)
    after = read_photograph(content)
    name = ("grey" if grey else "RGB") + (" + alpha" if alpha else "")
    as_read = ("grey" if after.grey else "RGB") + (" + alpha" if after.alpha is not None else "")
    return [
        f"{suffix}, {_BITS[depth]}",
        name if name == as_read else f"{name}, as {as_read}",
        _compare_pixels(before, after),
        _compare_alpha(before, after),
        _try_orientation(suffix, depth, grey, alpha),
        _compare(before.exif, after.exif),
        _compare(before.xmp, after.xmp),
        _compare(before.icc_profile, after.icc_profile),
        _compare_dpi(before.dpi, after.dpi),
    ]


def _compare_pixels(before: Photograph, after: Photograph) -> str:
    if before.depth != after.depth:
        return f"{_BITS[after.depth]} for {_BITS[before.depth]}"
    if before.depth == "float32":
        return "the same" if np.allclose(before.pixels, after.pixels, atol=1e-5) else "changed"
    full = np.iinfo(before.depth).max
    first, second = (np.rint(photograph.pixels * full) for photograph in (before, after))
    difference = int(np.abs(first - second).max())
    if before.jpeg is not None and before.jpeg == after.jpeg:
        return "lossy, quality and subsampling kept"
    if difference == 0:
        return "the same"
    return f"within {difference} of {full}" if full > 255 and difference < 16 else "lossy"


def _compare_alpha(before: Photograph, after: Photograph) -> str:
    if before.alpha is None or after.alpha is None:
        return "-" if before.alpha is after.alpha else "lost"
    same = before.alpha.dtype == after.alpha.dtype and before.alpha.tobytes() == after.alpha.tobytes()
    if same:
        return "kept"
    return "lossy" if np.abs(before.alpha.astype(float) - after.alpha).mean() < 4 else "changed"


def _compare(before: bytes | None, after: bytes | None) -> str:
    if before is None and after is None:
        return "-"
    return "kept" if before == after else "changed"


def _compare_dpi(before: tuple[float, float] | None, after: tuple[float, float] | None) -> str:
    if before is None or after is None:
        return "-" if before is after else "lost"
    return "kept" if np.allclose(before, after, atol=0.02) else "changed"


def _try_orientation(suffix: str, depth: Depth, grey: bool, alpha: bool) -> str:
    """Write a file that is to be turned by a quarter, and see whether that is done once."""
    photograph = _photograph(depth, grey, alpha)
    if "EXIF left out" in lost_properties(photograph, suffix):
        return "-"
    if suffix == ".tif":
        file = _turned_tiff(photograph)
    else:
        # Little endian, one entry: orientation 6.
        turned = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
        file = encode_photograph(replace(photograph, exif=turned, xmp=None), suffix)
    upright = read_photograph(file)
    again = read_photograph(encode_photograph(upright, suffix))
    shapes = {upright.pixels.shape, again.pixels.shape}
    return "applied once" if shapes == {(_WIDTH, _HEIGHT, 3)} else "lost"


def _turned_tiff(photograph: Photograph) -> bytes:
    import tifffile

    samples = photograph.pixels[..., 0] if photograph.grey else photograph.pixels
    if photograph.depth != "float32":
        samples = np.rint(samples * np.iinfo(photograph.depth).max).astype(photograph.depth)
    if photograph.alpha is not None:
        samples = np.dstack([samples, photograph.alpha])
    stream = io.BytesIO()
    tifffile.imwrite(
        stream,
        samples,
        photometric="minisblack" if photograph.grey else "rgb",
        planarconfig="contig",
        extrasamples=None if photograph.alpha is None else ["unassalpha"],
        extratags=[(0x0112, "H", 1, 6, True)],
        metadata=None,
    )
    return stream.getvalue()


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    position, index, data = 132 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        index += struct.pack(">4sII", name, position + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    size = position + len(data)
    header = struct.pack(">I4sI4s4s4s12x4s", size, b"none", 0x02400000, b"mntr", space, b"XYZ ", b"acsp")
    illuminant = _xyz((0.9642, 1.0, 0.8249))[8:]  # D50
    return (header.ljust(68, b"\0") + illuminant).ljust(128, b"\0") + index + data


def _display_p3() -> bytes:
    """Display P3: primaries of DCI-P3 under D50, curve of sRGB."""
    numbers = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    curve = b"para\0\0\0\0" + struct.pack(">HH5i", 3, 0, *(round(number * 65536) for number in numbers))
    primaries = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
    tags = {b"wtpt": _xyz((0.9642, 1.0, 0.8249))}
    for name, primary in zip((b"r", b"g", b"b"), primaries, strict=True):
        tags |= {name + b"XYZ": _xyz(primary), name + b"TRC": curve}
    return _profile(b"RGB ", tags)


def _gray_profile() -> bytes:
    """Grey of gamma 1.8."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(1.8 * 256))
    return _profile(b"GRAY", {b"wtpt": _xyz((0.9642, 1.0, 0.8249)), b"kTRC": curve})
