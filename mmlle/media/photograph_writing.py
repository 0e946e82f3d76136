"""Writing photographs with all their properties. What each format can hold: ``docs/photographs.md``."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from PIL import Image, features

from mmlle.utils.errors import OptionError
from mmlle.utils.files import write_bytes

from .color_profile import SRGB_CURVE, parse_profile
from .image_file import RAW_SUFFIXES, UnwritableImageError
from .photograph import BAND, Depth, Photograph
from .png_encoder import encode_png
from .tiff_encoder import encode_tiff

__all__ = [
    "WRITABLE_SUFFIXES",
    "check_quality",
    "encode_photograph",
    "has_quality",
    "lost_properties",
    "result_suffix",
    "suffix_of",
    "write_photograph",
    "writing",
]

#: Qualities of lossy formats, for photographs that have none of their own.
_JPEG_QUALITY, _WEBP_QUALITY, _AVIF_QUALITY, _HEIF_QUALITY = 95, 90, 90, 90


def _encode_jpeg(samples: np.ndarray, photograph: Photograph, quality: int | None, **kept: Any) -> bytes:
    settings = photograph.jpeg
    if quality is None and settings is not None:
        kept.update(qtables=settings.quantization, progressive=settings.progressive)
        # Pillow writes 4:4:4, 4:2:2 and 4:2:0; of others, such as 4:1:1, nothing is lost in the first.
        kept.update(subsampling=max(settings.subsampling, 0))
    else:
        kept.update(quality=quality or _JPEG_QUALITY, subsampling=0)
    if "exif" in kept:
        kept["exif"] = b"Exif\0\0" + kept["exif"]
    return _encode_with_pillow(samples, "JPEG", **kept)


def _encode_webp(samples: np.ndarray, photograph: Photograph, quality: int | None, **kept: Any) -> bytes:
    if quality is None and photograph.lossless:
        return _encode_with_pillow(samples, "WEBP", lossless=True, exact=True, **kept)
    # Without exact, colours below full transparency would be replaced.
    return _encode_with_pillow(samples, "WEBP", quality=quality or _WEBP_QUALITY, exact=True, **kept)


def _encode_avif(samples: np.ndarray, photograph: Photograph, quality: int | None, **kept: Any) -> bytes:
    return _encode_with_pillow(samples, "AVIF", quality=quality or _AVIF_QUALITY, subsampling="4:4:4", **kept)


def _encode_bmp(samples: np.ndarray, photograph: Photograph, quality: int | None, **kept: Any) -> bytes:
    return _encode_with_pillow(samples, "BMP", **kept)


def _encode_with_pillow(samples: np.ndarray, format: str, **options: Any) -> bytes:
    image = Image.fromarray(samples.squeeze(2) if samples.shape[2] == 1 else samples)
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def _encode_ppm(samples: np.ndarray, photograph: Photograph, quality: int | None) -> bytes:
    height, width, channels = samples.shape
    header = f"P{5 if channels == 1 else 6}\n{width} {height}\n{np.iinfo(samples.dtype).max}\n"
    return header.encode() + samples.astype(samples.dtype.newbyteorder(">")).tobytes()


def _encode_png(samples: np.ndarray, photograph: Photograph, quality: int | None, **kept: Any) -> bytes:
    return encode_png(samples, **kept)


def _encode_tiff(samples: np.ndarray, photograph: Photograph, quality: int | None, **kept: Any) -> bytes:
    return encode_tiff(samples, **kept)


def _encode_exr(samples: np.ndarray, photograph: Photograph, quality: int | None) -> bytes:
    os.environ.setdefault("OPENCV_IO_ENABLE_OPENEXR", "1")
    if samples.shape[2] == 2:
        samples = samples[..., [0, 0, 0, 1]]
    if samples.shape[2] == 4:
        alpha = samples[..., 3:]
        samples = np.concatenate([samples[..., :3] * np.where(alpha > 0, alpha, 1), alpha], axis=2)
    order = [2, 1, 0, 3][: samples.shape[2]] if samples.shape[2] > 2 else [0]
    encoded, content = cv2.imencode(".exr", np.ascontiguousarray(samples[..., order]))
    if not encoded:
        raise ValueError("OpenCV could not encode it")
    return content.tobytes()


def _encode_heif(samples: np.ndarray, photograph: Photograph, quality: int | None, **kept: Any) -> bytes:
    try:
        import pillow_heif
    except ImportError as error:
        raise ValueError("HEIC needs a package; run: pip install pillow-heif") from error
    if samples.shape[2] < 3:
        samples = samples[..., [0, 0, 0, 1][: samples.shape[2] + 2]]
    mode = ("RGB" if samples.shape[2] == 3 else "RGBA") + (";16" if samples.dtype == np.uint16 else "")
    image = pillow_heif.from_bytes(mode, (samples.shape[1], samples.shape[0]), samples.tobytes())
    image.info["icc_profile"] = kept.pop("icc_profile", None)
    stream = io.BytesIO()
    image.save(stream, quality=quality or _HEIF_QUALITY, chroma=444, **kept)
    return stream.getvalue()


@dataclass(frozen=True)
class _Format:
    """What a format can hold."""

    name: str
    encode: Callable[..., bytes]
    depths: tuple[Depth, ...] = ("uint8",)
    alpha: bool = True
    properties: frozenset[str] = field(default=frozenset({"exif", "xmp", "icc_profile"}))
    largest_side: int = 2**31 - 1
    linear: bool = False
    has_quality: bool = False

    def depth_for(self, depth: Depth) -> Depth:
        """Return the depth that is written: the same, or else the greatest."""
        return depth if depth in self.depths else self.depths[-1]


_ALL = frozenset({"exif", "xmp", "icc_profile", "dpi"})
_JPEG = _Format("JPEG", _encode_jpeg, alpha=False, properties=_ALL, largest_side=65500, has_quality=True)
_TIFF = _Format("TIFF", _encode_tiff, ("uint8", "uint16", "float32"), properties=_ALL)
_HEIF = _Format("HEIF", _encode_heif, ("uint8", "uint16"), largest_side=16384, has_quality=True)
_FORMATS = {
    ".avif": _Format("AVIF", _encode_avif, largest_side=65536, has_quality=True),
    ".bmp": _Format("BMP", _encode_bmp, alpha=False, properties=frozenset({"dpi"}), largest_side=65535),
    ".exr": _Format("EXR", _encode_exr, ("float32",), properties=frozenset(), linear=True),
    ".heic": _HEIF,
    ".heif": _HEIF,
    ".jpeg": _JPEG,
    ".jpg": _JPEG,
    ".png": _Format("PNG", _encode_png, ("uint8", "uint16"), properties=_ALL),
    ".ppm": _Format("PPM", _encode_ppm, ("uint8", "uint16"), alpha=False, properties=frozenset()),
    ".tif": _TIFF,
    ".tiff": _TIFF,
    ".webp": _Format("WEBP", _encode_webp, largest_side=16383, has_quality=True),
}

#: Endings under which a photograph can be written.
WRITABLE_SUFFIXES = tuple(_FORMATS)

_BITS: dict[Depth, str] = {"uint8": "8 bits", "uint16": "16 bits", "float32": "32-bit floats"}
_PROPERTY_NAMES = {"exif": "EXIF", "xmp": "XMP", "icc_profile": "ICC profile", "dpi": "DPI"}


def result_suffix(suffix: str) -> str:
    """Return the ending for the result of a file: its own, ``.png`` for GIF, ``.tif`` for camera raw."""
    suffix = suffix.lower()
    if suffix in RAW_SUFFIXES:
        return ".tif"
    return suffix if suffix in _FORMATS else ".png"


def has_quality(suffix: str) -> bool:
    """Tell whether a file of an ending of :data:`WRITABLE_SUFFIXES` is encoded with a quality."""
    return _FORMATS[suffix.lower()].has_quality


def check_quality(quality: int | None) -> None:
    """Make sure that a quality of lossy formats is one.

    Raises:
        OptionError: If it is not 1 to 100, or None.
    """
    if quality is not None and not 1 <= quality <= 100:
        raise OptionError(f"quality is 1 to 100, got {quality}.")


def lost_properties(photograph: Photograph, suffix: str) -> tuple[str, ...]:
    """Say what of a photograph is converted or left out when it is written under an ending.

    Args:
        photograph: What would be written.
        suffix: One of :data:`WRITABLE_SUFFIXES`.

    Returns:
        A few words for each, such as ``16 bits become 8 bits``.
    """
    target = _FORMATS[suffix.lower()]
    depth = target.depth_for(photograph.depth)
    lost = []
    if list(_BITS).index(depth) < list(_BITS).index(photograph.depth):
        lost.append(f"{_BITS[photograph.depth]} become {_BITS[depth]}")
    for name in ("exif", "xmp", "icc_profile", "dpi"):
        if getattr(photograph, name) is not None and name not in target.properties:
            converted = name == "icc_profile" and parse_profile(photograph.icc_profile or b"") is not None
            lost.append(f"{_PROPERTY_NAMES[name]} " + ("becomes sRGB" if converted else "left out"))
    return tuple(lost)


def encode_photograph(photograph: Photograph, suffix: str, quality: int | None = None) -> bytes:
    """Encode a photograph with all the properties that a format can hold, at its own depth if it can.

    Args:
        photograph: What to encode.
        suffix: One of :data:`WRITABLE_SUFFIXES`.
        quality: 1 to 100, for JPEG, WebP, AVIF and HEIC. None for the quantisation tables and the subsampling
            of a photograph that was a JPEG, no loss for a WebP without loss, else 95 (JPEG) or 90.

    Raises:
        OptionError: If the quality is not 1 to 100.
        UnwritableImageError: If no encoder knows the ending, or the format cannot hold the alpha or the size.
    """
    return _encode(photograph, suffix, quality, f"a file {suffix}")


def write_photograph(
    target: str | Path | BinaryIO,
    photograph: Photograph,
    quality: int | None = None,
    suffix: str | None = None,
) -> tuple[str, ...]:
    """Encode a photograph and write it as a whole or not at all.

    Args:
        target: Path, missing folders of which are made, or a binary stream.
        photograph: What to write.
        quality: As in :func:`encode_photograph`.
        suffix: Format of what is written; None for the path's ending, or the photograph's own in a stream.

    Returns:
        What was converted or left out, see :func:`lost_properties`.

    Raises:
        OptionError: As in :func:`encode_photograph`.
        UnwritableImageError: Likewise, or if the target cannot be written.
    """
    name = str(target if isinstance(target, str | Path) else getattr(target, "name", "(stream)"))
    if suffix is None:
        suffix = Path(name).suffix if isinstance(target, str | Path) else suffix_of(photograph.format)
    content = _encode(photograph, suffix, quality, name)
    with writing(name):
        if isinstance(target, str | Path):
            write_bytes(target, content)
        else:
            target.write(content)
    return lost_properties(photograph, suffix)


def suffix_of(format: str) -> str:
    """Return the ending of a format, under which a photograph of it is written to a stream."""
    if format == "RAW":
        return ".tif"
    return next((suffix for suffix, target in _FORMATS.items() if target.name == format), ".png")


@contextmanager
def writing(name: str | Path) -> Iterator[None]:
    """Turn what the system raises into an :class:`UnwritableImageError` of one line with the file's name."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnwritableImageError(
            f"Cannot write {name}: {reason}. Choose another place or name, or make room there."
        ) from error


def _encode(photograph: Photograph, suffix: str, quality: int | None, name: str) -> bytes:
    target = _FORMATS.get(suffix.lower())
    if target is None:
        raise UnwritableImageError(
            f"Cannot write {name}: {suffix!r} is not a format that can be written; use one of "
            f"{', '.join(WRITABLE_SUFFIXES)}."
        )
    check_quality(quality)
    if target.name == "AVIF" and not features.check("avif"):
        raise UnwritableImageError(f"Cannot write {name}: the installed Pillow has no AVIF; use .png.")
    if photograph.alpha is not None and not target.alpha:
        raise UnwritableImageError(
            f"Cannot write {name}: {target.name} holds no transparency, and the photograph has it; use .png, "
            ".tif or .webp."
        )
    height, width = photograph.pixels.shape[:2]
    if max(height, width) > target.largest_side:
        raise UnwritableImageError(
            f"Cannot write {name}: {height}x{width} px (height x width) is too large for {suffix!r}; use "
            ".png or .tif."
        )
    kept = {key: value for key in target.properties if (value := getattr(photograph, key)) is not None}
    try:
        return target.encode(_to_samples(photograph, target), photograph, quality, **kept)
    except MemoryError as error:
        raise UnwritableImageError(f"Cannot write {name}: it needs more memory than is free.") from error
    except (OSError, ValueError, RuntimeError, cv2.error) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise UnwritableImageError(f"Cannot write {name}: {reason}.") from error


def _to_samples(photograph: Photograph, target: _Format) -> np.ndarray:
    """Convert to (H, W, 1 to 4) as the format holds it: depth, encoding, alpha; a few rows at a time."""
    depth = np.dtype(target.depth_for(photograph.depth))
    height, width = photograph.pixels.shape[:2]
    channels = 1 if photograph.grey else 3
    samples = np.empty((height, width, channels + (photograph.alpha is not None)), depth)
    kept = photograph.encoded if photograph.depth == depth and "icc_profile" in target.properties else None
    encoded = _encoding(photograph, target)
    for top in range(0, height, BAND):
        rows = slice(top, top + BAND)
        color = encoded(rows)[..., :channels] if kept is None else kept[rows]
        if depth.kind == "u" and kept is None:
            color = np.rint(np.clip(color, 0, 1) * np.float32(np.iinfo(depth).max))
        samples[rows, :, :channels] = color
        if photograph.alpha is not None:
            samples[rows, :, channels] = _to_depth(photograph.alpha[rows], depth)
    return samples


def _encoding(photograph: Photograph, target: _Format) -> Callable[[slice], np.ndarray]:
    """Give what puts pixels and excess of some rows together, in the encoding of the file, in float32."""
    pixels, excess = photograph.pixels, photograph.excess
    profile = None
    if photograph.icc_profile and "icc_profile" in target.properties:
        profile = parse_profile(photograph.icc_profile)
    if profile is None and excess is None and not target.linear:
        return lambda rows: pixels[rows]
    kind = np.float32 if target.depth_for(photograph.depth) == "uint8" else np.float64

    def encode(rows: slice) -> np.ndarray:
        light = SRGB_CURVE.decode(pixels[rows].astype(kind, copy=False))
        if excess is not None:
            light += excess[rows]
        if not target.linear:
            light = SRGB_CURVE.encode(light) if profile is None else profile.from_linear_srgb(light)
        return light.astype(np.float32, copy=False)

    return encode


def _to_depth(alpha: np.ndarray, depth: np.dtype) -> np.ndarray:
    if alpha.dtype == depth:
        return alpha
    opacity = alpha.astype(np.float64)
    if alpha.dtype.kind == "u":
        opacity /= np.iinfo(alpha.dtype).max
    if depth.kind == "u":
        opacity = np.rint(np.clip(opacity, 0, 1) * np.iinfo(depth).max)
    return opacity.astype(depth)
