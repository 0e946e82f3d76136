import cv2
import numpy as np

__all__ = ["guided_smoothing"]


def guided_smoothing(
    image: np.ndarray, size: tuple[int, int] | None = None, radius: float = 0.04, eps: float = 0.01
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
    if reduced is not image:
        slope, offset = (
            cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR) for part in (slope, offset)
        )
    slope *= image  # in place: these are as large as the image
    slope += offset
    return slope
