"""Colour arithmetic: luma (ITU-R BT.601) and the sRGB transfer curve. Only NumPy is needed."""

import numpy as np

__all__ = [
    "LUMA_WEIGHTS",
    "linear_to_srgb",
    "look_up",
    "luma",
    "mean_luma",
    "rgb_luma",
    "srgb_to_linear",
    "studio_luma",
]

#: Weights of red, green and blue in the luma of ITU-R BT.601, full range.
LUMA_WEIGHTS = (0.299, 0.587, 0.114)


def luma(image: np.ndarray) -> np.ndarray:
    """Luma (BT.601, full range) of each pixel.

    Args:
        image: (..., 3) uint8, BGR.

    Returns:
        (...), 0 to 255.
    """
    # The sum of the weights is off 1 by binary rounding, and a grey of 40 should not lie below 40.
    return (image @ np.array(LUMA_WEIGHTS[::-1])).round(6)


def rgb_luma(image: np.ndarray) -> np.ndarray:
    """Luma (BT.601, full range) of each pixel, in the range and of the type of the image.

    Args:
        image: (..., 3) float, RGB.

    Returns:
        (...).
    """
    return image @ np.array(LUMA_WEIGHTS, dtype=image.dtype)


def mean_luma(image: np.ndarray) -> float:
    """Mean luma (BT.601, full range) of an image.

    Args:
        image: (H, W, 3) uint8, BGR.

    Returns:
        0 to 255.
    """
    return float(image.mean(axis=(0, 1)) @ np.array(LUMA_WEIGHTS[::-1]))


def studio_luma(image: np.ndarray) -> np.ndarray:
    """Y of an image's YCbCr, BT.601 in studio range, as MATLAB's ``rgb2ycbcr`` computes it.

    Args:
        image: (H, W, 3) uint8, BGR.

    Returns:
        (H, W, 1) in [16, 235], not rounded.
    """
    return 16 + image @ np.array([[24.966], [128.553], [65.481]]) / 255


def look_up(table: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Look up float32 values, clipped to [0, 1], in a table of that range: the nearest entries."""
    position = x * np.float32(len(table) - 1)
    np.rint(position, out=position)
    np.clip(position, 0, len(table) - 1, out=position)
    return table.take(position.astype(np.intp), mode="clip")  # with the mode's check alone, which is fast


def srgb_to_linear(srgb: np.ndarray) -> np.ndarray:
    """Undo the sRGB transfer curve (IEC 61966-2-1).

    Args:
        srgb: Values in [0, 1], any shape; beyond, the two pieces of the curve go on.

    Returns:
        Light in [0, 1], the same shape, float64.
    """
    srgb = np.asarray(srgb, dtype=np.float64)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0.04045) + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(linear: np.ndarray) -> np.ndarray:
    """Apply the sRGB transfer curve (IEC 61966-2-1).

    Args:
        linear: Light in [0, 1], any shape; beyond, the two pieces of the curve go on.

    Returns:
        Values in [0, 1], the same shape, float64.
    """
    linear = np.asarray(linear, dtype=np.float64)
    return np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    )
