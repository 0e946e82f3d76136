"""Noise of photographs that were brightened: measured, and removed where there is some."""

import cv2
import numpy as np

from .colors import BRIGHT

__all__ = ["REACH", "denoise", "filter_strength", "noise_level"]

#: Noise that cannot be seen, in 8-bit values.
INVISIBLE = 2.0
#: Filter strength over the measured noise, and the share of the noise that is left, with it fine texture.
#: Chosen by PSNR and SSIM on the dark and noisy selection photographs of the quality benchmark.
FILTER, GRAIN = 0.9, 0.2
#: Noise is measured on bands of so many rows, of about so many pixels in all.
BAND, MAX_PIXELS = 32, 2**20
#: Sides of the patches that the filter compares, and of the window in which it looks for them.
PATCH, WINDOW = 7, 21
#: How far away pixels are that a filtered pixel depends on.
REACH = PATCH // 2 + WINDOW // 2


def noise_level(image: np.ndarray) -> float:
    """Estimate the noise of an image: the standard deviation, in 8-bit values, mean of the channels.

    J. Immerkær, "Fast noise variance estimation", CVIU 1996: a difference of two Laplacians answers to noise
    and not to edges. The median of its values, and not their mean, keeps texture out as well.

    Args:
        image: (H, W, 3) float32 in [0, 1].
    """
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    # Bands of rows, evenly over a large image, are enough for a median.
    step = BAND * max(1, image.shape[0] * image.shape[1] // MAX_PIXELS)
    bands = [_to_8_bits(image[top : top + BAND]) for top in range(0, len(image), step)]
    answer = np.abs(np.concatenate([cv2.filter2D(band.astype(np.float32), -1, mask) for band in bands]))
    # The standard deviation of the answer is that of the noise times the norm of the mask, 6; the median of
    # absolute normal values is 0.6745 standard deviations.
    return float(np.median(answer.reshape(-1, 3), axis=0).mean() / (6 * 0.6745))


def filter_strength(level: float) -> float:
    """Strength of :func:`denoise` for a noise level: in proportion to it, and 0 where it is invisible."""
    return FILTER * level if level > INVISIBLE else 0.0


def denoise(image: np.ndarray, strength: float) -> np.ndarray:
    """Remove most of the noise by OpenCV's non-local means (Buades et al., CVPR 2005).

    The filter works on 8 bits; what it takes away is taken away from the finer values. No channel becomes
    brighter than 0.93 that was not.

    Args:
        image: (H, W, 3) float32, RGB in [0, 1].
        strength: Filter strength, in 8-bit values.

    Returns:
        (H, W, 3) float32, RGB in [0, 1].
    """
    rounded = _to_8_bits(image)
    cleaned = cv2.fastNlMeansDenoisingColored(rounded, None, strength, strength, PATCH, WINDOW)
    removed = cv2.subtract(rounded, cleaned, dtype=cv2.CV_32F)
    # Smoothing saturated colours brightens single channels, which burnt lights out at night.
    highest = np.maximum(image, np.float32(BRIGHT))
    return np.clip(image - np.float32((1 - GRAIN) / 255) * removed, 0, highest)


def _to_8_bits(image: np.ndarray) -> np.ndarray:
    return np.rint(255 * image).astype(np.uint8)
