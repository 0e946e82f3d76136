"""The strength of an enhancement, chosen for each photograph and within it.

The methods are trained to brighten everything to one level. Here a strength (0: the input, 1: as trained) is
chosen such that the mean luma reaches a target, more strength where the photograph is dark, and less where
the enhancement would burn highlights out. All is decided on a small copy of the photograph, which is enhanced
at several strengths in one batch; between them the result is interpolated.
"""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from mmlle.media.color import look_up, rgb_luma

from .guided_filter import guided_smoothing

__all__ = ["MAX_STRENGTH", "StrengthField", "choose_strength", "finished_share"]

MAX_STRENGTH = 1.6
#: Strengths at which the small copy is enhanced.
STRENGTHS = np.linspace(0, MAX_STRENGTH, 17, dtype=np.float32)
#: Luma of the smoothed photograph up to which shadows are brightened in full, and from which on not at all.
SHADOWS, LIGHTS = 0.15, 0.6
#: Luma of the smoothed photograph at which limits of the strength are stated.
LEVELS = np.linspace(0, 1, 17, dtype=np.float32)
#: A pixel with a channel above the second value that was below the first is burnt.
UNBURNT, BURNT = 200 / 255, 240 / 255
#: Largest share of burnt pixels among those of about one luma.
MAX_BURNT = 0.001
#: Luma from which on a pixel is a highlight. A photograph of which more than the second value is highlights
#: is not under-exposed as a whole, and from the third on its highlights stay as they are.
HIGHLIGHTS, FEW_HIGHLIGHTS, MANY_HIGHLIGHTS = 0.52, 0.05, 0.12
#: A photograph without a channel from this value on shows nothing, such as the beginning of a film that fades
#: in: no strength would bring it to a target, and the largest one makes grey of it.
BLACK = 0.5 / 255
#: By how much darker parts stay below highlights that are kept, as a share of how far they were below them:
#: brightened beyond that, they would be lost in each other.
KEPT_CONTRAST = 0.3


class StrengthField(NamedTuple):
    """Strengths of a photograph: ``min(max(overall, weight * shadows), limit)``.

    The weight falls from 1 in the dark to 0 in the light, the limit is one of the luma, both of the
    photograph smoothed within its edges.

    Attributes:
        overall: Strength everywhere.
        shadows: Strength where the photograph is dark.
        limits: Largest strengths at :data:`LEVELS`.
        reduced: Height and width of the small copy.
    """

    overall: float
    shadows: float
    limits: np.ndarray
    reduced: tuple[int, int]

    @classmethod
    def uniform(cls, strength: float) -> "StrengthField":
        """One strength for any photograph."""
        return cls(strength, 0.0, np.full(len(LEVELS), MAX_STRENGTH, np.float32), (1, 1))

    @property
    def is_uniform(self) -> bool:
        """Whether it is the same strength everywhere, in any photograph."""
        return bool(self.shadows <= self.overall <= self.limits.min())

    def of(self, image: np.ndarray) -> np.ndarray:
        """Strengths (H, W) float32 of a photograph (H, W, 3) float32, RGB in [0, 1]."""
        table = self.at(np.linspace(0, 1, 2**16, dtype=np.float32))
        luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        return guided_smoothing(luma, self.reduced, then=lambda smooth: look_up(table, smooth))

    def at(self, smooth: np.ndarray) -> np.ndarray:
        """Strengths where the smoothed luma is the given one; the same shape."""
        wanted = np.maximum(np.float32(self.overall), self.shadows * darkness(smooth))
        return np.minimum(wanted, np.interp(smooth, LEVELS, self.limits)).astype(np.float32)


def choose_strength(
    image: np.ndarray,
    enhance: Callable[[np.ndarray, np.ndarray], np.ndarray],
    exposure: float,
    shadows: float | None,
    trust: tuple[float, float] = (0.0, 0.0),
    side: int = 128,
) -> StrengthField:
    """Choose the strengths of a photograph.

    Args:
        image: (H, W, 3) float32, RGB in [0, 1].
        enhance: Enhances a copy (1, 3, h, w) float32 with strengths (N,); (N, 3, h, w).
        exposure: Target of the mean luma, in (0, 1). A photograph that is brighter is left as it is.
        shadows: Target of the mean luma where the photograph is dark; None for no additional strength.
        trust: How far the strength that is chosen for the exposure, and that for the shadows, moves to 1, as
            trained, where the photograph is black, 0 to 1; less the closer its mean luma is to the target.
        side: Longer side of the copies in pixels.
    """
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    reduced = max(1, round(height * scale)), max(1, round(width * scale))
    small = cv2.resize(image, reduced[::-1], interpolation=cv2.INTER_AREA)
    if small.max() < BLACK:
        return StrengthField.uniform(0.0)
    copy = np.ascontiguousarray(small.transpose(2, 0, 1)[None])
    enhanced = np.clip(enhance(copy, STRENGTHS), 0, 1).transpose(0, 2, 3, 1)

    lumas, smooth = rgb_luma(enhanced), guided_smoothing(rgb_luma(small))
    field = StrengthField(0.0, 0.0, strength_limits(small, enhanced, smooth), reduced)
    means = np.array([luma_at(lumas, field._replace(overall=s).at(smooth)).mean() for s in STRENGTHS])
    blackness = max(0.0, 1 - float(lumas[0].mean()) / exposure)
    field = field._replace(overall=towards_trained(largest_below(means, exposure), trust[0] * blackness))
    weight = darkness(smooth)
    if shadows is None or weight.mean() < 1e-3:
        return field
    means = np.array(
        [np.average(luma_at(lumas, field._replace(shadows=s).at(smooth)), weights=weight) for s in STRENGTHS]
    )
    return field._replace(shadows=towards_trained(largest_below(means, shadows), trust[1] * blackness))


def darkness(smooth: np.ndarray) -> np.ndarray:
    """Weight of the shadows at a smoothed luma."""
    return np.clip((LIGHTS - smooth) / (LIGHTS - SHADOWS), 0, 1)


def strength_limits(image: np.ndarray, enhanced: np.ndarray, smooth: np.ndarray) -> np.ndarray:
    """Find the largest strengths that burn almost nothing and keep highlights where there are many, by luma.

    Args:
        image: (H, W, 3), RGB in [0, 1].
        enhanced: (strengths, H, W, 3), the image enhanced at :data:`STRENGTHS`.
        smooth: (H, W), the smoothed luma of the image.

    Returns:
        Strengths at :data:`LEVELS`, falling from the dark to the light.
    """
    bins = np.rint(smooth * (len(LEVELS) - 1)).clip(0, len(LEVELS) - 1).astype(int).ravel()
    counts = np.bincount(bins, minlength=len(LEVELS))

    def by_level(values: np.ndarray) -> np.ndarray:
        sums = [np.bincount(bins, weights=each.ravel(), minlength=len(LEVELS)) for each in values]
        return np.transpose(sums) / np.maximum(counts, 1)[:, None]

    burnt = by_level(((enhanced >= BURNT) & (image < UNBURNT)).any(axis=-1))
    limits = [largest_below(shares, MAX_BURNT) for shares in burnt]

    lumas = by_level(rgb_luma(enhanced))
    share = (rgb_luma(image) >= HIGHLIGHTS).mean()
    kept = np.interp(share, (FEW_HIGHLIGHTS, MANY_HIGHLIGHTS), (0, 1))
    highest = 1 - kept * (1 - np.maximum(LEVELS, HIGHLIGHTS - KEPT_CONTRAST * (HIGHLIGHTS - LEVELS)))
    gains = lumas - lumas[:, :1]
    for index in np.flatnonzero(counts):
        # At no gain at all the limit is zero, and not only below.
        target = highest[index] - LEVELS[index] + 1e-4
        limits[index] = min(limits[index], largest_below(gains[index], target))
    return np.minimum.accumulate(np.array(limits, dtype=np.float32))


def finished_share(strength: np.ndarray, rows: slice) -> np.ndarray:
    """Give how much is done of what follows the enhancement: hues, denoising.

    All of it from a quarter of the strength on; without any strength the photograph stays as it is.

    Args:
        strength: (H, W) or (1, 1) float32.
        rows: Of the photograph.

    Returns:
        (rows, W) or (1, 1) float32 in [0, 1].
    """
    return np.minimum(4 * (strength[rows] if len(strength) > 1 else strength), 1)


def largest_below(values: np.ndarray, target: float) -> float:
    """Find the largest strength at which a value that grows with it stays under a target.

    Args:
        values: Values at :data:`STRENGTHS`.
        target: The target.
    """
    values = np.maximum.accumulate(values)
    return float(np.interp(target, values, STRENGTHS)) if values[0] < target else 0.0


def towards_trained(strength: float, share: float) -> float:
    """Move a strength by a share of the way to 1, at which the method is as trained."""
    return strength + share * (1 - strength)


def luma_at(lumas: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Interpolate the lumas (strengths, H, W) of pixels enhanced at :data:`STRENGTHS` at their own (H, W)."""
    position = np.clip(strength / (STRENGTHS[1] - STRENGTHS[0]), 0, len(STRENGTHS) - 1)
    lower = np.minimum(position.astype(int), len(STRENGTHS) - 2)
    below, above = (np.take_along_axis(lumas, index[None], axis=0)[0] for index in (lower, lower + 1))
    return below + (position - lower) * (above - below)
