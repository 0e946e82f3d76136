"""How near an image comes to its ground truth."""

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from mmlle.media.color import luma
from mmlle.utils.errors import UndefinedMeasureError

__all__ = [
    "MAX_PSNR",
    "delta_e",
    "gradient_correlation",
    "match_mean",
    "psnr",
    "ssim",
]

#: What equal images count as. 8-bit images that differ in one value of a megapixel have 113 dB.
MAX_PSNR = 120.0


def psnr(image: np.ndarray, truth: np.ndarray) -> float:
    r"""Peak signal-to-noise ratio, :math:`10 \log_{10}(255^2 / \mathrm{MSE})`.

    Args:
        image: (H, W, C) in [0, 255], uint8 or float.
        truth: Same shape.

    Returns:
        Decibels, over all pixels and channels together; :data:`MAX_PSNR` for equal images, whose true value,
        infinity, would swallow the mean over a data set.
    """
    if np.array_equal(image, truth):
        return MAX_PSNR
    return float(peak_signal_noise_ratio(truth, image, data_range=255))


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
        UndefinedMeasureError: If the images are smaller than the window.
    """
    if min(image.shape[:2]) < 11:
        raise UndefinedMeasureError(
            f"SSIM looks through a window of 11x11 px, and the image is {image.shape[0]}x{image.shape[1]} "
            "(height x width)"
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


def delta_e(image: np.ndarray, truth: np.ndarray) -> float:
    """Mean colour difference CIEDE2000 (Sharma et al., Color Research & Application 2005).

    Args:
        image: (H, W, 3) in [0, 255], uint8 or float, BGR, sRGB.
        truth: Same shape.

    Returns:
        Mean over the pixels; 0 for equal images, and about 1 for a difference that can just be seen.
    """
    lab, truth_lab = (rgb2lab(picture[..., ::-1] / 255) for picture in (image, truth))
    return float(deltaE_ciede2000(lab, truth_lab).mean())


def gradient_correlation(image: np.ndarray, truth: np.ndarray) -> float:
    """Pearson's correlation of the gradient magnitudes, a measure of how much detail is kept.

    The gradient is Sobel's, of the luma (ITU-R BT.601). Brightness and contrast as a whole make no
    difference; what blurs edges and texture away, or adds others (noise, checkerboards, halos), lowers it.

    Args:
        image: (H, W, 3) in [0, 255], uint8 or float, BGR.
        truth: Same shape.

    Returns:
        -1 to 1, 1 for equal images; 0 if one of them is of one grey.
    """
    magnitudes = []
    for picture in (image, truth):
        # In OpenCV's integers for 8-bit images, as it always was measured.
        grey = cv2.cvtColor(
            picture if picture.dtype == np.uint8 else picture.astype(np.float32), cv2.COLOR_BGR2GRAY
        ).astype(np.float64)
        magnitudes.append(np.hypot(cv2.Sobel(grey, -1, 1, 0), cv2.Sobel(grey, -1, 0, 1)))
    if not all(magnitude.std() for magnitude in magnitudes):
        return 0.0
    return float(np.corrcoef(magnitudes[0].ravel(), magnitudes[1].ravel())[0, 1])


def match_mean(image: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Scale an image so that its mean luma is that of the ground truth ("GT-mean").

    Some papers measure so (Zhang et al., KinD, ACM MM 2019, is named as the origin). The result has seen the
    ground truth: its figures are no measure of an enhancement that must find the brightness by itself, and
    do not compare with those of images as they are.

    Args:
        image: (H, W, 3) in [0, 255], uint8 or float, BGR.
        truth: Same shape.

    Returns:
        (H, W, 3) float64, clipped to [0, 255]; the image itself if it is black.
    """
    mean = luma(image).mean()
    return np.clip(image * (luma(truth).mean() / mean), 0, 255) if mean else image.astype(np.float64)
