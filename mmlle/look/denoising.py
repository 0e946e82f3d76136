"""Noise of photographs that were brightened: measured, and removed where there is some."""

import math

import cv2
import numpy as np

__all__ = ["denoise", "noise_level"]

#: Noise that cannot be seen, in 8-bit values.
INVISIBLE = 2.0
#: Filter strength over the measured noise, and the share of the noise that is left, with it fine texture.
#: Chosen by PSNR and SSIM on the dark and noisy selection photographs of the quality benchmark.
FILTER, GRAIN = 0.9, 0.2
#: Noise is measured on bands of so many rows, of about so many pixels in all.
BAND, MAX_PIXELS = 32, 2**20


def noise_level(image: np.ndarray) -> float:
    """Estimate the noise of an image: the standard deviation, in 8-bit values, mean of the channels.

    J. Immerkær, "Fast noise variance estimation", CVIU 1996: a difference of two Laplacians answers to noise
    and not to edges. The median of its values, and not their mean, keeps texture out as well.

    Args:
        image: (H, W, 3) uint8.
    """
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    # Bands of rows, evenly over a large image, are enough for a median.
    step = BAND * max(1, image.shape[0] * image.shape[1] // MAX_PIXELS)
    bands = [image[top : top + BAND].astype(np.float32) for top in range(0, len(image), step)]
    answer = np.abs(np.concatenate([cv2.filter2D(band, -1, mask) for band in bands]))
    # The standard deviation of the answer is that of the noise times the norm of the mask, 6; the median of
    # absolute normal values is 0.6745 standard deviations.
    return float(np.median(answer.reshape(-1, 3), axis=0).mean() / (6 * 0.6745))


def denoise(image: np.ndarray, strength: float | None = None) -> np.ndarray:
    """Remove most of the noise by OpenCV's non-local means (Buades et al., CVPR 2005).

    Args:
        image: (H, W, 3) uint8, RGB.
        strength: Filter strength, in 8-bit values; None for 0.9 times the measured noise, if it is
            visible.

    Returns:
        (H, W, 3) uint8.
    """
    if strength is None:
        level = noise_level(image)
        strength = FILTER * level if level > INVISIBLE else 0.0
    if not strength or math.isnan(strength):
        return image
    image = np.ascontiguousarray(image)
    cleaned = cv2.fastNlMeansDenoisingColored(image, None, strength, strength, 7, 21)
    return cv2.addWeighted(cleaned, 1 - GRAIN, image, GRAIN, 0)
