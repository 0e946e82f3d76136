"""Reading photographs with all their properties. What is kept: ``docs/photographs.md``."""

import io
import os
import re
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageCms, JpegImagePlugin
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from .color_profile import SRGB_CURVE, parse_profile
from .exif_block import build_exif, exif_tags, read_ifd, upright_exif, upright_xmp, without_orientation
from .image_file import (
    RAW_SUFFIXES,
    Source,
    UnsupportedImageError,
    check_pixels,
    check_plausible,
    decoding,
    read_content,
)
from .photograph import BAND, Depth, JpegSettings, Photograph

__all__ = ["read_photograph"]

_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
#: Header of a binary PPM or PGM up to the largest value.
_PPM_HEADER = re.compile(rb"P[56](?:(?:\s|#[^\n]*\n)+\d+){2}(?:\s|#[^\n]*\n)+(\d+)\s")
#: Light beyond [0, 1] that is a rounding error of the profile.
_NEGLIGIBLE = 1e-5


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
        if content[:4] in _TIFF_MAGIC:
            return _read_tiff(content, max_pixels)
        return _read_with_pillow(content, max_pixels)


def _assemble(
    samples: np.ndarray,
    format: str,
    *,
    orientation: int = 1,
    linear: bool = False,
    exif: bytes | None = None,
    xmp: bytes | None = None,
    icc_profile: bytes | None = None,
    notes: tuple[str, ...] = (),
    **properties: Any,
) -> Photograph:
    """Make a photograph of samples (H, W, 1 to 4): grey, grey and alpha, RGB, or RGB and alpha."""
    depth: Depth = samples.dtype.name
    if depth == "float32" and (wrong := int((~np.isfinite(samples)).any(axis=-1).sum())):
        raise UnsupportedImageError(f"{wrong} of its pixels are NaN or infinite; replace them")
    samples = _upright(samples, orientation)
    height, width, channels = samples.shape
    alpha = np.ascontiguousarray(samples[..., -1]) if channels in (2, 4) else None
    color = samples[..., : 1 if channels < 3 else 3]
    values = color.astype(np.float32)
    if depth != "float32":
        values /= np.iinfo(samples.dtype).max
    if channels < 3:
        values = np.repeat(values, 3, axis=2)
    pixels, excess = _to_srgb(values, icc_profile, linear, np.float32 if depth == "uint8" else np.float64)
    if exif:
        exif = exif.removeprefix(b"Exif\0\0")
        try:
            exif = upright_exif(exif, height, width)
        except struct.error:
            exif, notes = None, (*notes, "damaged EXIF was left out")
    return Photograph(
        pixels,
        grey=channels < 3,
        alpha=alpha,
        depth=depth,
        format=format,
        exif=exif or None,
        xmp=upright_xmp(xmp) if xmp else None,
        icc_profile=icc_profile or None,
        excess=excess,
        notes=notes,
        **properties,
    )


def _upright(samples: np.ndarray, orientation: int) -> np.ndarray:
    if orientation in (5, 6, 7, 8):
        samples = samples.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    return np.ascontiguousarray(samples)


def _to_srgb(
    values: np.ndarray, icc_profile: bytes | None, linear: bool, kind: type[np.floating]
) -> tuple[np.ndarray, np.ndarray | None]:
    """Split (H, W, 3) values, in place, into sRGB pixels in [0, 1] and the linear light beyond, if any.

    8 bits are computed in float32, which is looked up, and more in float64.
    """
    profile = parse_profile(icc_profile) if icc_profile else None
    if profile is None and not linear and values.min() >= 0 and values.max() <= 1:
        return values, None
    excess, furthest = None, 0.0
    for top in range(0, len(values), BAND):
        rows = slice(top, top + BAND)
        light = values[rows].astype(kind)
        if not linear:
            light = SRGB_CURVE.decode(light) if profile is None else profile.to_linear_srgb(light)
        inside = np.clip(light, 0, 1)
        values[rows] = SRGB_CURVE.encode(inside)
        beyond = light - inside
        if beyond.any():
            excess = np.zeros_like(values) if excess is None else excess
            excess[rows] = beyond
            furthest = max(furthest, float(np.abs(excess[rows]).max()))
    return values, excess if furthest > _NEGLIGIBLE else None


def _read_with_pillow(content: bytes, max_pixels: int | None) -> Photograph:
    with Image.open(io.BytesIO(content)) as image:
        check_plausible(image, len(content))
        check_pixels(image.height, image.width, max_pixels)
        format = str(image.format)
        notes: tuple[str, ...] = ()
        if format == "MPO":  # a JPEG with further pictures behind it, such as a phone's gain map
            format, notes = "JPEG", ("only the first of its pictures was read",)
        elif getattr(image, "n_frames", 1) > 1:
            raise UnsupportedImageError(
                f"it is an animation of {image.n_frames} frames; save the frame that you want as .png"
            )
        if format == "PNG" and content[24] == 16:
            image.load()  # OpenCV fills what is missing of a damaged file; Pillow refuses it
            samples = _decode_deep_png(content)
        elif (header := _PPM_HEADER.match(content)) and int(header[1]) > 255:
            samples = _decode_deep_ppm(image, content[header.end() :], int(header[1]))
        else:
            image.load()
            samples, converted = _samples(image)
            notes += converted
        jpeg = None
        if format == "JPEG" and image.mode in ("L", "RGB"):
            tables = tuple(tuple(table) for _, table in sorted(image.quantization.items()))
            sampling = JpegImagePlugin.get_sampling(image)
            jpeg = JpegSettings(tables, sampling, bool(image.info.get("progressive")))
        if format == "AVIF" and _is_deep_avif(content):
            notes += ("its 10 or 12 bits were read as 8",)
        xmp = image.info.get("xmp")
        return _assemble(
            samples,
            format,
            orientation=_orientation(image),
            exif=image.info.get("exif"),
            xmp=xmp.encode() if isinstance(xmp, str) else xmp,
            # What a profile of inks says does not hold for the RGB that was made of them.
            icc_profile=None if image.mode == "CMYK" else image.info.get("icc_profile"),
            dpi=_resolution(image),
            jpeg=jpeg,
            lossless=format == "WEBP" and b"VP8L" in content[:4096],
            notes=notes,
        )


def _orientation(image: Image.Image) -> int:
    """Return what EXIF says, or else XMP; 1 if Pillow has turned the image."""
    return int(image.getexif().get(ExifTags.Base.Orientation, 1))


def _resolution(image: Image.Image) -> tuple[float, float] | None:
    dpi = image.info.get("dpi")
    return (float(dpi[0]), float(dpi[1])) if dpi and min(dpi) > 0 else None


def _samples(image: Image.Image) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return (H, W, 1 to 4) samples of a decoded image, and what was converted."""
    mode = image.mode
    notes: tuple[str, ...] = ()
    if mode == "CMYK":
        image, notes = _from_cmyk(image), ("CMYK was converted to RGB",)
    elif mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)[..., None], ()
    elif mode == "F":
        return np.asarray(image)[..., None], ()
    elif mode == "I":
        raise UnsupportedImageError("it has 32-bit integers; save it with 8 or 16 bits, or as 32-bit float")
    elif mode == "1":
        image = image.convert("L")
    elif image.has_transparency_data:
        image = image.convert("LA" if mode in ("L", "LA", "La") else "RGBA")
    elif mode != "L":
        image = image.convert("RGB")
    samples = np.asarray(image)
    return samples if samples.ndim == 3 else samples[..., None], notes


def _from_cmyk(image: Image.Image) -> Image.Image:
    """Convert inks to sRGB, by the profile if there is one."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError):
            pass  # a damaged profile, or one of something else
    return image.convert("RGB")


def _decode_deep_png(content: bytes) -> np.ndarray:
    """Decode a PNG of 16 bits, which Pillow cuts to 8 bits where there is colour."""
    samples = _decode_with_opencv(content)
    # OpenCV repeats grey that has alpha; 0 and 4 are the header's types of grey.
    if content[25] in (0, 4) and samples.shape[2] > 1:
        samples = samples[..., [0, 3][: samples.shape[2] - 2]]
    return samples


def _decode_deep_ppm(image: Image.Image, data: bytes, largest: int) -> np.ndarray:
    """Decode the samples of a 16-bit PPM or PGM, which Pillow cuts to 8 bits where there is colour."""
    channels = 3 if image.mode == "RGB" else 1
    samples = np.frombuffer(data, ">u2", image.height * image.width * channels)
    samples = samples.reshape(image.height, image.width, channels)
    if largest != 65535:
        samples = np.rint(np.minimum(samples, largest) * (65535 / largest))
    return samples.astype(np.uint16)


def _decode_with_opencv(content: bytes) -> np.ndarray:
    """Decode as (H, W, 1, 3 or 4), RGB."""
    try:
        samples = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise ValueError(error.err) from error
    if samples is None:
        raise ValueError("it is damaged, cut short or of a kind that OpenCV does not decode")
    if samples.ndim == 2:
        return samples[..., None]
    return samples[..., [2, 1, 0, 3][: samples.shape[2]]]


def _is_deep_avif(content: bytes) -> bool:
    place = content.find(b"av1C")
    return place >= 0 and len(content) > place + 6 and bool(content[place + 6] & 0x40)


def _read_tiff(content: bytes, max_pixels: int | None) -> Photograph:
    tags = read_ifd(content)
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
    if bits in ({16}, {32}, {64}) and inks in (1, 2):
        # OpenCV decodes no grey with alpha.
        decode = _decode_with_tifffile if tags.get(277) == 2 else _decode_with_opencv
        samples = decode(without_orientation(content))
        if samples.dtype == np.float64:
            samples = samples.astype(np.float32)
        if samples.dtype not in (np.uint16, np.float32) or samples.shape[:2] != (height, width):
            raise UnsupportedImageError(
                f"its {samples.dtype} samples are of no known kind; save it with 8 or 16 bits"
            )
        if samples.shape[2] in (2, 4) and _tuple(tags.get(338, 0))[0] == 1:
            samples = _divide_by_alpha(samples)
    else:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            orientation = _orientation(image)
            samples, notes = _samples(image)
    return _assemble(
        samples,
        "TIFF",
        orientation=orientation,
        exif=build_exif(exif_tags(content)),
        xmp=_as_bytes(tags.get(700)),
        icc_profile=None if inks == 5 else _as_bytes(tags.get(34675)),
        dpi=resolution,
        notes=notes,
    )


def _decode_with_tifffile(content: bytes) -> np.ndarray:
    try:
        import tifffile
    except ImportError as error:
        raise UnsupportedImageError("it is a TIFF of this kind; run: pip install tifffile") from error
    samples = tifffile.imread(io.BytesIO(content))
    return samples if samples.ndim == 3 and samples.shape[2] == 2 else np.moveaxis(samples, 0, -1)


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


def _divide_by_alpha(samples: np.ndarray) -> np.ndarray:
    """Undo the multiplication by alpha, the last channel, at any depth."""
    alpha = samples[..., -1:].astype(np.float64)
    full = 1.0 if samples.dtype == np.float32 else 65535.0
    divided = samples[..., :-1] * full / np.where(alpha > 0, alpha, full)
    if samples.dtype != np.float32:
        divided = np.rint(np.minimum(divided, full))
    return np.concatenate([divided.astype(samples.dtype), samples[..., -1:]], axis=2)


def _read_exr(content: bytes, max_pixels: int | None) -> Photograph:
    key = b"dataWindow\0box2i\0"
    place = content.find(key) + len(key) + 4
    left, top, right, bottom = struct.unpack_from("<4i", content, place)
    check_pixels(bottom - top + 1, right - left + 1, max_pixels)
    # OpenCV asks for this before it decodes or encodes the first EXR file.
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    samples = _decode_with_opencv(content)
    return _assemble(samples.astype(np.float32), "EXR", linear=True)


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
    return _assemble(
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
    if content[:4] not in _TIFF_MAGIC:
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
        exif = build_exif(exif_tags(content)) if content[:4] in _TIFF_MAGIC else None
    except Exception:  # the makers' variants of TIFF
        exif = None
    return _assemble(samples, "RAW", exif=exif)
