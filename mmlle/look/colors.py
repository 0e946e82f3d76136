import math

import cv2
import numpy as np

from mmlle.media.color import rgb_luma

from .bands import bands

__all__ = ["keep_hues"]

#: Chroma (a distance from grey in RGB) at which a hue counts half: below it is mostly noise.
NOISE = np.float32(0.01)
#: Rows that are computed at once, to stay in the cache.
BAND = 16
TINY = np.float32(1e-6)


def keep_hues(
    image: np.ndarray, enhanced: np.ndarray, top: int = 0, sigma: float = 1.5, limit: float = 0.93
) -> np.ndarray:
    """Give an enhanced image the hues of the image that it was made of; its luma and chroma stay.

    Methods that brighten each channel by itself turn the hues of dark photographs. A hue is the direction of
    a colour's difference from grey in RGB; that of the image is taken from its surroundings, since in the
    dark a single pixel's is noise.

    Args:
        image: (H, W, 3) float32, RGB in [0, 1].
        enhanced: Rows of the enhanced image, (h, W, 3) float32, RGB in [0, 1]; all of them, or a band.
        top: Where in the image the first of these rows is.
        sigma: Standard deviation of the surroundings, in pixels.
        limit: Chroma is reduced where a channel would exceed both this and its largest in ``enhanced``.

    Returns:
        (h, W, 3) float32, RGB in [0, 1].
    """
    result = np.empty_like(enhanced)
    margin = math.ceil(4 * sigma)  # as far as OpenCV's kernel reaches
    for rows, around, inside in bands(len(image), BAND, margin, top, top + len(enhanced)):
        chroma = image[around] - rgb_luma(image[around])[..., None]
        given = cv2.GaussianBlur(chroma, (0, 0), sigma)[inside]
        own = slice(rows.start - top, rows.stop - top)
        result[own] = _with_hues(given, enhanced[own], np.float32(limit))
    return result


def _with_hues(given: np.ndarray, enhanced: np.ndarray, limit: np.float32) -> np.ndarray:
    grey = rgb_luma(enhanced)
    found = enhanced - grey[..., None]
    given_chroma, chroma = _length(given), _length(found)
    certainty = given_chroma / (given_chroma + NOISE)
    direction = (certainty * chroma / (given_chroma + TINY))[..., None] * given
    direction += (1 - certainty)[..., None] * found
    length = chroma / (_length(direction) + TINY)

    highest, lowest = length * _extreme(direction, np.maximum), length * _extreme(direction, np.minimum)
    top = np.maximum(_extreme(enhanced, np.maximum), limit)
    with np.errstate(divide="ignore", invalid="ignore"):
        above = np.where(highest > 0, (top - grey) / highest, 1)
        below = np.where(lowest < 0, -grey / lowest, 1)
    length *= np.clip(np.minimum(above, below), 0, 1)
    direction *= length[..., None]
    direction += grey[..., None]
    return direction


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("ijk,ijk->ij", vectors, vectors))


def _extreme(image: np.ndarray, function: np.ufunc) -> np.ndarray:
    """Maximum or minimum of three channels; NumPy's own over a short axis is slow."""
    return function(function(image[..., 0], image[..., 1]), image[..., 2])
