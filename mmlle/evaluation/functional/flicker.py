"""How much an enhanced film flickers beyond what the film itself does."""

from typing import NamedTuple

import numpy as np

from mmlle.media.color import luma

__all__ = ["Flicker", "block_lumas", "flicker"]

#: By how much a block's change of luma may differ from the picture's before it counts as motion.
_STILL = 0.02
#: Luma below which a block tells nothing: its gain would be noise.
_DARKEST = 2.0


class Flicker(NamedTuple):
    """Flicker between the pictures of a film, in levels of 255 a picture.

    Attributes:
        excess: Mean change of the luma of blocks that do not move, beyond the change of the input times the
            gain of the block.
        output: Mean change of the luma of these blocks.
        expected: Mean change of the input there, times the gain.
        still: Share of the blocks that do not move.
    """

    excess: float
    output: float
    expected: float
    still: float


def block_lumas(image: np.ndarray, side: int = 16) -> np.ndarray:
    """Mean luma of blocks of an image.

    Args:
        image: (H, W, 3) uint8, BGR, at least one block large; what is left over at the right
            and below is not used.
        side: Of a block, in pixels.

    Returns:
        (H // side, W // side), 0 to 255.
    """
    rows, columns = image.shape[0] // side, image.shape[1] // side
    lumas = luma(image[: rows * side, : columns * side])
    return lumas.reshape(rows, side, columns, side).mean(axis=(1, 3))


def flicker(before: np.ndarray, after: np.ndarray) -> Flicker | None:
    r"""Measure the flicker that an enhancement adds to a film without cuts.

    For a block of luma :math:`a_t` in the input and :math:`b_t` in the output, with the gain
    :math:`g = (b_t + b_{t-1}) / (a_t + a_{t-1})`, the excess is
    :math:`\max(0, |b_t - b_{t-1}| - g\,|a_t - a_{t-1}|)`: what the film does itself is brightened with it and
    does not count, and an enhancement that does less is not rewarded. Motion is left out: a block counts if
    :math:`a_t / a_{t-1}` is within 2 % of the median of the picture, which is its change of exposure, and
    if it is not black.

    Args:
        before: (frames, rows, columns), :func:`block_lumas` of the input.
        after: The same shape, of the output.

    Returns:
        None if no block counts.
    """
    first, second = before[:-1], before[1:]
    change = np.maximum(second, 1e-6) / np.maximum(first, 1e-6)
    exposure = np.median(change, axis=(1, 2), keepdims=True)
    still = (np.abs(change / exposure - 1) < _STILL) & (np.minimum(first, second) >= _DARKEST)
    if not still.any():
        return None
    gain = (after[1:] + after[:-1]) / np.maximum(second + first, 1e-6)
    output = np.abs(np.diff(after, axis=0))[still]
    expected = (gain * np.abs(second - first))[still]
    excess = np.maximum(output - expected, 0)
    return Flicker(float(excess.mean()), float(output.mean()), float(expected.mean()), float(still.mean()))
