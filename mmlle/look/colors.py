import cv2
import numpy as np

from mmlle.media.color import rgb_luma

__all__ = ["keep_hues"]

#: Chroma (a distance from grey in RGB) at which a hue counts half: below it is mostly noise.
NOISE = 0.01


def keep_hues(image: np.ndarray, enhanced: np.ndarray, sigma: float = 1.5, limit: float = 0.93) -> np.ndarray:
    """Give an enhanced image the hues of the image that it was made of; its luma and chroma stay.

    Methods that brighten each channel by itself turn the hues of dark photographs. A hue is the direction of
    a colour's difference from grey in RGB; that of the image is taken from its surroundings, since in the
    dark a single pixel's is noise.

    Args:
        image: (H, W, 3) float32, RGB in [0, 1].
        enhanced: The same shape, RGB in [0, 1].
        sigma: Standard deviation of the surroundings, in pixels.
        limit: Chroma is reduced where a channel would exceed both this and its largest in ``enhanced``.

    Returns:
        (H, W, 3) float32, RGB in [0, 1].
    """
    grey = rgb_luma(enhanced)[..., None]
    given = cv2.GaussianBlur(image - rgb_luma(image)[..., None], (0, 0), sigma)
    found = enhanced - grey
    given_chroma, chroma = (np.linalg.norm(each, axis=-1, keepdims=True) for each in (given, found))
    certainty = given_chroma / (given_chroma + np.float32(NOISE))
    direction = certainty * given / (given_chroma + np.float32(1e-6)) * chroma + (1 - certainty) * found
    difference = direction * (chroma / (np.linalg.norm(direction, axis=-1, keepdims=True) + np.float32(1e-6)))

    top = np.maximum(enhanced.max(axis=-1, keepdims=True), np.float32(limit))
    highest, lowest = difference.max(axis=-1, keepdims=True), difference.min(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        above = np.where(highest > 0, (top - grey) / highest, 1)
        below = np.where(lowest < 0, -grey / lowest, 1)
    return grey + difference * np.clip(np.minimum(above, below), 0, 1)
