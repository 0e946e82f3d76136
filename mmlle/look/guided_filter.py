from collections.abc import Callable

import cv2
import numpy as np

from mmlle.utils.threads import in_threads

from .bands import bands

__all__ = ["guided_smoothing"]

#: Rows that are computed at once, to stay in the cache.
BAND = 64


def guided_smoothing(
    image: np.ndarray,
    size: tuple[int, int] | None = None,
    radius: float = 0.04,
    eps: float = 0.01,
    then: Callable[[np.ndarray], np.ndarray] = lambda smooth: smooth,
) -> np.ndarray:
    """Smooth an image and keep its edges: the guided filter, guided by the image itself.

    He et al., "Guided Image Filtering", TPAMI 2013; the coefficients are computed at a reduced size and
    enlarged, as in He & Sun, "Fast Guided Filter", 2015. Their cost then does not depend on the image's size.

    Args:
        image: (H, W) float32 in [0, 1].
        size: Height and width at which the coefficients are computed; None for the image's own.
        radius: Of the window, as a share of the longer side.
        eps: Regularisation: where the variance of a window is well below it, the window is averaged, and
            where it is well above, kept.
        then: What is made of the smoothed values, a few rows at a time.

    Returns:
        (H, W) float32.
    """
    height, width = image.shape
    reduced = image
    if size is not None and (size[0] < height or size[1] < width):
        reduced = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)
    side = 2 * max(1, round(radius * max(reduced.shape))) + 1

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.blur(values, (side, side), borderType=cv2.BORDER_REFLECT)

    average = mean(reduced)
    variance = mean(reduced * reduced) - average * average
    slope = variance / (variance + np.float32(eps))
    slope, offset = mean(slope), mean(average - slope * average)
    # The share that each reduced row has in each row; few of them are not zero.
    shares = cv2.resize(np.eye(len(reduced), dtype=np.float32), (len(reduced), height))
    slope, offset = (cv2.resize(part, (width, len(reduced))) for part in (slope, offset))
    result = np.empty_like(image)

    def smooth(rows: slice) -> None:
        used = np.flatnonzero(shares[rows].any(axis=0))
        own, near = shares[rows, used[0] : used[-1] + 1], slice(used[0], used[-1] + 1)
        band = own @ slope[near]
        band *= image[rows]
        band += own @ offset[near]
        result[rows] = then(band)

    in_threads(smooth, [rows for rows, _, _ in bands(height, BAND)])
    return result
