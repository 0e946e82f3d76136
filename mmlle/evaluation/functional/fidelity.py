"""How near an image comes to its ground truth."""

import math

import numpy as np
from skimage.metrics import structural_similarity

from mmlle.utils.errors import ImageSizeError

__all__ = ["luma", "psnr", "ssim"]

# What equal images count as. 8-bit images that differ in one value of a megapixel have 113 dB.
MAX_PSNR = 120.0


def luma(image: np.ndarray) -> np.ndarray:
    """Give the Y of an image's YCbCr, ITU-R BT.601 in studio range, as MATLAB's ``rgb2ycbcr`` does.

    Args:
        image: (H, W, 3) uint8, BGR.

    Returns:
        (H, W, 1) in [16, 235], not rounded.
    """
    return 16 + image @ np.array([[24.966], [128.553], [65.481]]) / 255


def psnr(image: np.ndarray, truth: np.ndarray) -> float:
    r"""Peak signal-to-noise ratio, :math:`10 \log_{10}(255^2 / \mathrm{MSE})`.

    Args:
        image: (H, W, C) in [0, 255], uint8 or float.
        truth: Same shape.

    Returns:
        Decibels, over all pixels and channels together; :data:`MAX_PSNR` for equal images, whose true value,
        infinity, would swallow the mean over a data set.
    """
    error = np.square(image.astype(np.float64) - truth).mean()
    return MAX_PSNR if error == 0 else 10 * math.log10(255**2 / error)


def ssim(image: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity (Wang et al., TIP 2004).

    11×11 Gaussian window with σ = 1.5, K1 = 0.01, K2 = 0.03, over the positions where the window lies inside
    the image, each channel by itself, then their mean: the settings of the paper's own implementation.

    Args:
        image: (H, W, C) in [0, 255], uint8 or float.
        truth: Same shape.

    Returns:
        At most 1, reached by equal images.

    Raises:
        ImageSizeError: If the images are smaller than the window.
    """
    if min(image.shape[:2]) < 11:
        raise ImageSizeError(
            f"SSIM looks through a window of 11x11 px, and the image is {image.shape[0]}x{image.shape[1]} "
            "(height x width). Leave SSIM out of the evaluator for images this small."
        )
    return float(
        structural_similarity(
            image,
            truth,
            channel_axis=-1,
            data_range=255,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )
