"""The look of a film: chosen as for photographs, and smoothed over time, so that it does not flicker."""

import math
from dataclasses import replace

import cv2
import numpy as np

from mmlle.media.color import rgb_luma

from .look import Enhance, Look
from .strength import StrengthField

__all__ = ["FilmLook", "is_cut"]

#: Height and width of the small copies in which cuts are looked for.
_THUMBNAIL = 18, 32
#: Correlation of the lumas of two pictures below which they are of different scenes, and the contrast
#: (standard deviation of the luma) below which a picture shows nothing that could differ.
_SAME_SCENE, _LEAST_CONTRAST = 0.4, 0.02
#: Strength below which differences count as such, and above which as ratios.
_LITTLE = 0.1


class FilmLook:
    """Enhances the pictures of a film, one after the other.

    Strengths are chosen several times a second, and follow what is chosen with a delay: exponential smoothing
    in the logarithm of the strength, from which brightness follows about evenly. After a cut, what
    is chosen for the first picture of the new scene holds at once.

    Args:
        look: As for photographs, but for ``denoise='auto'``, which is 0: non-local means take seconds a
            picture. Another number is applied.
        enhance: Enhances a batch with strengths, see :meth:`mmlle.look.Look.apply`.
        smoothing: Time constant in seconds: after it, 63 % of a change are made; 0 for none.
        interval: Seconds between two choices; 0 to choose for each picture.
    """

    def __init__(self, look: Look, enhance: Enhance, smoothing: float = 1.0, interval: float = 0.2) -> None:
        self.look = replace(look, denoise=0) if look.denoise == "auto" else look
        self.enhance = enhance
        self.smoothing = smoothing
        self.interval = interval
        self._plan: StrengthField | None = None
        self._target: StrengthField | None = None
        self._thumbnail: np.ndarray | None = None
        self._time = self._chosen_at = 0.0

    def __call__(self, image: np.ndarray, time: float) -> np.ndarray:
        """Enhance the next picture.

        Args:
            image: (H, W, 3) float32, RGB in [0, 1].
            time: When it is shown, in seconds.

        Returns:
            (H, W, 3) float32, RGB in [0, 1]; ``image`` itself where nothing is to be done.
        """
        return self.look.render(image, self.plan(image, time), self.enhance)

    def plan(self, image: np.ndarray, time: float) -> StrengthField:
        """Choose the strengths of the next picture; arguments as of :meth:`__call__`."""
        thumbnail = rgb_luma(cv2.resize(image, _THUMBNAIL[::-1], interpolation=cv2.INTER_AREA))
        cut = self._thumbnail is None or is_cut(self._thumbnail, thumbnail)
        elapsed = max(time - self._time, 0.0)
        self._thumbnail, self._time = thumbnail, time
        if cut or self._plan is None or self._target is None:
            self._plan = self._target = self.look.plan(image, self.enhance)
            self._chosen_at = time
            return self._plan
        # Half a microsecond of grace: times are rounded.
        if not 0 <= time - self._chosen_at < self.interval - 5e-7:
            self._target = self.look.plan(image, self.enhance)
            self._chosen_at = time
        share = 1 - math.exp(-elapsed / self.smoothing) if self.smoothing else 1.0
        self._plan = _between(self._plan, self._target, share)
        return self._plan


def is_cut(before: np.ndarray, after: np.ndarray) -> bool:
    """Tell whether two pictures that follow each other are of different scenes.

    Their correlation is looked at, which neither a change of the exposure nor a fade affects.

    Args:
        before: (H, W), small copy of the luma in [0, 1].
        after: The same shape.
    """
    contrasts = before.std(), after.std()
    if max(contrasts) < _LEAST_CONTRAST:
        return False
    covariance = ((before - before.mean()) * (after - after.mean())).mean()
    return bool(covariance < _SAME_SCENE * max(contrasts) * max(min(contrasts), _LEAST_CONTRAST / 4))


def _between(first: StrengthField, second: StrengthField, share: float) -> StrengthField:
    def mean(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray:
        # Strengths begin at 0: the logarithm is that of the strength and a little.
        logarithms = [np.log1p(np.divide(each, _LITTLE)) for each in (a, b)]
        result = _LITTLE * np.expm1((1 - share) * logarithms[0] + share * logarithms[1])
        return np.where(np.equal(a, b), a, result)  # without rounding

    return StrengthField(
        float(mean(first.overall, second.overall)),
        float(mean(first.shadows, second.shadows)),
        mean(first.limits, second.limits).astype(np.float32),
        second.reduced,
    )
