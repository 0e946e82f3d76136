import math

import cv2
import numpy as np

from mmlle.media.color import LUMA_WEIGHTS

from .bands import bands

__all__ = ["BRIGHT", "keep_hues"]

#: Up to which value finishing may brighten a channel; beyond it lies what is burnt out.
BRIGHT = 0.93

#: Chroma (a distance from grey in RGB) at which a hue counts half: below it is mostly noise.
NOISE = 0.003
#: Chroma that is enhanced half as much as others: a step of eight bits, which is rounding.
FAINT = 1 / 255
#: Rows whose surroundings are smoothed at once, and pixels that are computed at once, to stay in the cache.
BAND, PIXELS = 64, 2**15
TINY = np.float32(1e-8)


def _luma_and_chroma() -> np.ndarray:
    """Columns: grey, and two directions of unit length at right angles in which the luma stays."""
    first = np.array([LUMA_WEIGHTS[1], -LUMA_WEIGHTS[0], 0])
    second = np.cross(LUMA_WEIGHTS, first)
    return np.column_stack([np.ones(3), first / np.linalg.norm(first), second / np.linalg.norm(second)])


_TO_RGB = _luma_and_chroma()
_FROM_RGB = np.linalg.inv(_TO_RGB).astype(np.float32)


def keep_hues(
    image: np.ndarray, enhanced: np.ndarray, top: int = 0, sigma: float = 1.0, limit: float = BRIGHT
) -> np.ndarray:
    """Give an enhanced image the hues of the image that it was made of; its luma and chroma stay.

    Where the chroma of the image is about a step of eight bits, that of the enhanced image is reduced, down
    to the image's: what is almost black is not known to be green.

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
    result = np.empty(enhanced.shape, np.float32)  # OpenCV's order, whatever that of the enhanced image
    margin = math.ceil(4 * sigma)  # as far as OpenCV's kernel reaches
    few = max(1, PIXELS // image.shape[1])
    for rows, around, inside in bands(len(image), BAND, margin, top, top + len(enhanced)):
        planes = cv2.split(cv2.transform(image[around], _FROM_RGB))[1:]
        given = [cv2.GaussianBlur(plane, (0, 0), sigma)[inside] for plane in planes]
        for part, _, _ in bands(rows.stop - rows.start, few):
            own = slice(rows.start - top + part.start, rows.start - top + part.stop)
            _with_hues(given[0][part], given[1][part], enhanced[own], np.float32(limit), result[own])
    return result


def _with_hues(
    given_u: np.ndarray, given_v: np.ndarray, enhanced: np.ndarray, limit: np.float32, result: np.ndarray
) -> None:
    """Compute some rows; in planes and in place, since that is several times as fast.

    Chroma is (u, v), a vector in the plane of equal luma. With g that of the image and f that of the enhanced
    image, the certainty |g| / (|g| + NOISE) of the given hue weights their directions: the sum points to
    |f| g + NOISE f.
    """
    grey, u, v = cv2.split(cv2.transform(enhanced, _FROM_RGB))
    highest = _extreme(np.maximum, *cv2.split(enhanced))
    np.maximum(highest, limit, out=highest)
    chroma = cv2.magnitude(u, v)
    for found, given in ((u, given_u), (v, given_v)):
        found *= np.float32(NOISE)
        found += chroma * given
    length = cv2.magnitude(u, v)
    length += TINY
    _reduce_faint(chroma, cv2.magnitude(given_u, given_v))
    chroma /= length
    u *= chroma
    v *= chroma
    planes = [cv2.addWeighted(u, weights[1], v, weights[2], 0) for weights in _TO_RGB]

    above = _extreme(np.maximum, *planes)
    np.maximum(above, TINY, out=above)
    highest -= grey
    highest /= above
    below = _extreme(np.minimum, *planes)
    np.minimum(below, -TINY, out=below)
    np.divide(grey, below, out=below)
    np.negative(below, out=below)
    share = np.minimum(highest, below, out=below)
    np.clip(share, 0, 1, out=share)
    for plane in planes:
        plane *= share
        plane += grey
    cv2.merge(planes, result)


def _reduce_faint(chroma: np.ndarray, given: np.ndarray) -> None:
    least = np.minimum(chroma, given)
    given *= given
    chroma *= given
    given += np.float32(FAINT**2)
    chroma /= given
    np.maximum(chroma, least, out=chroma)


def _extreme(function: np.ufunc, red: np.ndarray, green: np.ndarray, blue: np.ndarray) -> np.ndarray:
    found = function(red, green)
    return function(found, blue, out=found)
