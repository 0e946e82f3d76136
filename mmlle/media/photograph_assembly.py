import struct
from typing import Any

import numpy as np

from .color_profile import SRGB_CURVE, parse_profile
from .exif_block import upright_exif, upright_xmp
from .image_file import UnsupportedImageError
from .photograph import BAND, Depth, Photograph

__all__ = ["assemble", "divide_by_alpha"]

#: Light beyond [0, 1] that is a rounding error of the profile.
_NEGLIGIBLE = 1e-5


def assemble(
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
    encoded = np.ascontiguousarray(color) if icc_profile and parse_profile(icc_profile) else None
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
        encoded=encoded,
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


def divide_by_alpha(samples: np.ndarray) -> np.ndarray:
    """Undo the multiplication by alpha, the last channel, of (H, W, 2 or 4) samples of uint16 or float32."""
    alpha = samples[..., -1:].astype(np.float64)
    full = 1.0 if samples.dtype == np.float32 else 65535.0
    divided = samples[..., :-1] * full / np.where(alpha > 0, alpha, full)
    if samples.dtype != np.float32:
        divided = np.rint(np.minimum(divided, full))
    return np.concatenate([divided.astype(samples.dtype), samples[..., -1:]], axis=2)
