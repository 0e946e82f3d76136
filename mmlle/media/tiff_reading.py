import io
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from .exif_block import build_exif, exif_tags, read_ifd, without_orientation
from .image_file import UnsupportedImageError, check_pixels
from .photograph import Photograph
from .photograph_assembly import assemble, divide_by_alpha
from .pillow_reading import decode_with_opencv, exif_orientation, samples_of

__all__ = ["TIFF_MAGIC", "read_tiff"]

#: The first bytes of a TIFF, and of a BigTIFF.
TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read_tiff(content: bytes, max_pixels: int | None) -> Photograph:
    """Read a TIFF of 8 or 16 bits, or of floats."""
    tags = read_ifd(content)
    if not {256, 257} <= tags.keys():
        raise ValueError("its directory does not say how large it is")
    height, width = int(tags[257]), int(tags[256])
    check_pixels(height, width, max_pixels)
    _check_pages(content, tags)
    _check_strips(content, tags, height, width)
    bits, kinds, inks = set(_tuple(tags.get(258, 1))), set(_tuple(tags.get(339, 1))), tags.get(262)
    resolution = None
    if 282 in tags and 283 in tags and tags.get(296, 2) in (2, 3) and min(tags[282], tags[283]) > 0:
        unit = 2.54 if tags.get(296, 2) == 3 else 1.0
        resolution = (float(tags[282]) * unit, float(tags[283]) * unit)
    orientation = int(tags.get(274, 1))
    notes: tuple[str, ...] = ()
    if bits & {32, 64} and kinds != {3}:
        raise UnsupportedImageError("it has 32-bit integers; save it with 8 or 16 bits, or as 32-bit floats")
    if bits == {16} and kinds == {3}:
        raise UnsupportedImageError("it has floats of 16 bits; save it with 16-bit integers or 32-bit floats")
    if bits in ({16}, {32}, {64}) and inks in (0, 1, 2):
        if tags.get(277, 1) > 4:
            raise UnsupportedImageError(f"it has {tags[277]} channels; save it with four or fewer")
        # OpenCV decodes no grey with alpha, takes channels that follow each other for pixels that do, leaves
        # grey where white is zero as it is, and turns a BigTIFF, whose orientation stays.
        planar = tags.get(284, 1) == 2 and tags.get(277, 1) > 1
        turned = content[:4] not in TIFF_MAGIC[:2] and orientation != 1
        if planar or turned or inks == 0 or tags.get(277) == 2:
            samples = _decode_with_tifffile(content, planar)
        else:
            samples = decode_with_opencv(without_orientation(content))
        if inks == 0:
            samples = (1 if samples.dtype.kind == "f" else 65535) - samples
        if samples.dtype == np.float64:
            samples = samples.astype(np.float32)
        if samples.dtype not in (np.uint16, np.float32) or samples.shape[:2] != (height, width):
            raise UnsupportedImageError(
                f"its {samples.dtype} samples are of no known kind; save it with 8 or 16 bits"
            )
        if samples.shape[2] in (2, 4) and _tuple(tags.get(338, 0))[0] == 1:
            samples = divide_by_alpha(samples)
    else:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            orientation = exif_orientation(image)
            samples, notes = samples_of(image)
    return assemble(
        samples,
        "TIFF",
        orientation=orientation,
        exif=build_exif(exif_tags(content)),
        xmp=_as_bytes(tags.get(700)),
        icc_profile=None if inks == 5 else _as_bytes(tags.get(34675)),
        dpi=resolution,
        notes=notes,
    )


def _decode_with_tifffile(content: bytes, planar: bool) -> np.ndarray:
    try:
        import tifffile
    except ImportError as error:
        raise UnsupportedImageError("it is a TIFF of this kind; run: pip install tifffile") from error
    samples = tifffile.imread(io.BytesIO(content))
    if samples.ndim == 2:
        return samples[..., None]
    return np.moveaxis(samples, 0, -1) if planar else samples


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _as_bytes(value: Any) -> bytes | None:
    return bytes(value) if value is not None else None


def _check_pages(content: bytes, tags: ImageFileDirectory_v2) -> None:
    """Refuse several pages; a reduced copy of the first does not count."""
    pages, seen = 1, set()
    while tags.next and tags.next not in seen and pages < 1000:
        seen.add(tags.next)
        tags = read_ifd(content, tags.next)
        pages += not int(tags.get(254, 0)) & 1
    if pages > 1:
        raise UnsupportedImageError(f"it has {pages} pages; save the page that you want as a file of its own")


def _check_strips(content: bytes, tags: ImageFileDirectory_v2, height: int, width: int) -> None:
    """Refuse a file that lacks some of its pixels, which OpenCV would fill with black."""
    offsets = _tuple(tags.get(273, tags.get(324, ())))
    counts = _tuple(tags.get(279, tags.get(325, ())))
    if not offsets or max(map(sum, zip(offsets, counts, strict=False)), default=0) > len(content):
        raise ValueError("it is cut short")
    bits = sum(_tuple(tags.get(258, 1))) if 258 in tags else int(tags.get(277, 1))
    # Uncompressed, packbits and deflate have a bound.
    most = {1: 1, 8: 1032, 32946: 1032, 32773: 64}.get(tags.get(259, 1))
    subsampled = tags.get(262) == 6
    if most and counts and not subsampled and sum(counts) * most < height * width * bits // 8:
        raise ValueError(
            f"it is cut short: {sum(counts)} bytes cannot hold {height}x{width} px (height x width)"
        )
