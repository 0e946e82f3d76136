import cv2
import numpy as np

from mmlle.utils.threads import in_threads

from .bands import bands
from .strength import finished_share

__all__ = ["average_faint"]

#: Luma below which a pixel is faint in full, and from which on not at all: a few steps of eight bits.
FAINT, CLEAR = 2.5 / 255, 5 / 255
#: Side of the squares that are averaged, twice.
SIDE = 7
#: How far away pixels are that a faint pixel depends on.
REACH = 2 * (SIDE // 2)
#: Share of faint pixels around one from which on their average is trusted.
ENOUGH = 0.05
BAND = 128
TINY = np.float32(1e-6)


def average_faint(image: np.ndarray, enhanced: np.ndarray, strength: np.ndarray) -> None:
    """Average what is almost black in a photograph with what is almost black around it, in place.

    In eight bits a night sky is a pattern of zeros, ones and twos, which an enhancement turns into
    speckles of all brightnesses. Brighter pixels are neither averaged nor have a part in it, so lights
    keep their edges and leave no halo.

    Args:
        image: (H, W, 3) float32, RGB in [0, 1], the photograph.
        enhanced: The same shape, RGB in [0, 1].
        strength: (H, W) or (1, 1) float32, by which it was enhanced.
    """
    parts = list(bands(len(image), BAND, REACH))
    # Rows next to a band, as they are before any band is averaged.
    margins = [
        (enhanced[around.start : rows.start].copy(), enhanced[rows.stop : around.stop].copy())
        for rows, around, _ in parts
    ]

    def average(index: int) -> None:
        rows, around, inside = parts[index]
        luma = cv2.cvtColor(image[around], cv2.COLOR_RGB2GRAY)
        if luma.min() >= CLEAR:
            return
        weight = np.clip((CLEAR - luma) * np.float32(1 / (CLEAR - FAINT)), 0, 1)
        count = _around(weight)[inside]
        factor = weight[inside] * np.minimum(count * np.float32(1 / ENOUGH), 1)
        factor /= np.maximum(count, TINY)
        factor *= finished_share(strength, rows)
        above, below = margins[index]
        # In planes, which is several times as fast.
        for channel in range(3):
            plane = np.concatenate([part[..., channel] for part in (above, enhanced[rows], below)])
            mean = _around(weight * plane)[inside]
            mean -= count * plane[inside]
            mean *= factor
            enhanced[rows, :, channel] += mean

    in_threads(average, range(len(parts)))


def _around(plane: np.ndarray) -> np.ndarray:
    once = cv2.blur(plane, (SIDE, SIDE), borderType=cv2.BORDER_REFLECT)
    return cv2.blur(once, (SIDE, SIDE), borderType=cv2.BORDER_REFLECT)
