"""Reading photographs with all their properties. What is kept: ``docs/photographs.md``."""

import io
import os
import struct
from pathlib import Path

import numpy as np

from .exif_block import build_exif, exif_tags, read_ifd
from .image_file import (
    RAW_SUFFIXES,
    Source,
    UnsupportedImageError,
    check_pixels,
    decoding,
    read_content,
)
from .photograph import Photograph
from .photograph_assembly import assemble, divide_by_alpha
from .pillow_reading import decode_with_opencv, read_with_pillow
from .tiff_reading import TIFF_MAGIC, read_tiff

__all__ = ["read_photograph"]

_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def read_photograph(source: Source, max_pixels: int | None = None) -> Photograph:
    """Read a photograph with all its properties, upright as its EXIF orientation says.

    JPEG, PNG, TIFF, WebP, AVIF, GIF, BMP, PPM and EXR files; HEIC with the extra ``heif``, camera raw with
    the extra ``raw``. The content decides, not the name. EXR holds linear light, everything else sRGB-encoded
    values unless an ICC profile says otherwise.

    Args:
        source: Path, content or binary stream of an image file.
        max_pixels: Most pixels that are decoded; None for what :data:`PIL.Image.MAX_IMAGE_PIXELS` allows.

    Raises:
        UnreadableImageError: If the file is missing, damaged, no image, animated, of several pages, contains
            NaN, claims more pixels than its bytes can hold or than are allowed, or needs a package that is
            not installed.
    """
    name, content = read_content(source)
    with decoding(name):
        if _is_raw(content, name):
            return _read_raw(content, max_pixels)
        if content[:4] == b"v/1\x01":
            return _read_exr(content, max_pixels)
        if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS and b"avif" not in content[8:64]:
            return _read_heif(content, max_pixels)
        if content[:4] in TIFF_MAGIC:
            return read_tiff(content, max_pixels)
        return read_with_pillow(content, max_pixels)


def _read_exr(content: bytes, max_pixels: int | None) -> Photograph:
    key = b"dataWindow\0box2i\0"
    place = content.find(key) + len(key) + 4
    left, top, right, bottom = struct.unpack_from("<4i", content, place)
    check_pixels(bottom - top + 1, right - left + 1, max_pixels)
    # OpenCV asks for this before it decodes or encodes the first EXR file.
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    samples = decode_with_opencv(content).astype(np.float32)
    if samples.shape[2] in (2, 4):  # by convention the colours of EXR are multiplied by alpha
        samples = divide_by_alpha(samples)
    return assemble(samples, "EXR", linear=True)


def _read_heif(content: bytes, max_pixels: int | None) -> Photograph:
    try:
        import pillow_heif
    except ImportError as error:
        raise UnsupportedImageError("it is HEIC; run: pip install pillow-heif") from error
    heif = pillow_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=False)
    check_pixels(heif.size[1], heif.size[0], max_pixels)
    samples = np.asarray(heif)
    notes = () if len(heif) == 1 else ("only the main one of its pictures was read",)
    if samples.ndim == 2:
        samples = samples[..., None]
    xmp = heif.info.get("xmp")
    return assemble(
        samples,
        "HEIF",  # turned upright by the decoder
        exif=heif.info.get("exif"),
        xmp=xmp.encode() if isinstance(xmp, str) else xmp,
        icc_profile=heif.info.get("icc_profile"),
        notes=notes,
    )


def _is_raw(content: bytes, name: str) -> bool:
    """Tell camera raw from TIFF, which most of it looks like, by its name, its magic number or its tags."""
    if content[:4] in (b"IIRO", b"IIRS", b"MMOR", b"IIU\0") or content[:15] == b"FUJIFILMCCD-RAW":
        return True
    if content[4:12] == b"ftypcrx " or content[8:10] == b"CR":
        return True
    if content[:4] not in TIFF_MAGIC:
        return False
    if Path(name).suffix.lower() in RAW_SUFFIXES:
        return True
    tags = read_ifd(content)
    # A version of DNG; or a preview in front of sub-directories, as NEF and ARW have it.
    return 50706 in tags or (330 in tags and 271 in tags and bool(int(tags.get(254, 0)) & 1))


def _read_raw(content: bytes, max_pixels: int | None) -> Photograph:
    try:
        import rawpy
    except ImportError as error:
        raise UnsupportedImageError("it is camera raw; run: pip install rawpy") from error
    with rawpy.imread(io.BytesIO(content)) as raw:
        check_pixels(raw.sizes.height, raw.sizes.width, max_pixels)
        samples = raw.postprocess(
            output_bps=16,
            output_color=rawpy.ColorSpace.sRGB,
            gamma=(2.4, 12.92),  # the sRGB curve
            no_auto_bright=True,
            use_camera_wb=True,
        )
    try:
        exif = build_exif(exif_tags(content)) if content[:4] in TIFF_MAGIC else None
    except Exception:  # the makers' variants of TIFF
        exif = None
    return assemble(samples, "RAW", exif=exif)
