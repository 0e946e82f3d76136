from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any, Literal

import numpy as np

from mmlle.utils.errors import UserError
from mmlle.utils.threads import in_threads

from .bands import bands
from .colors import keep_hues
from .denoising import REACH, denoise, filter_strength, noise_level
from .faint import average_faint
from .strength import MAX_STRENGTH, StrengthField, choose_strength, finished_share

__all__ = ["Look"]

Enhance = Callable[[np.ndarray, np.ndarray], np.ndarray]

#: Targets of ``auto``, chosen on the selection photographs of ``benchmark_quality.py``.
AUTO_EXPOSURE, AUTO_SHADOWS = 0.47, 0.32
#: Rows that are finished at once, and rows that are denoised at once, which bounds the memory.
BAND, DENOISED_BAND = 64, 256


@dataclass(frozen=True)
class Look:
    """How bright an enhanced photograph becomes, and what of it stays.

    Args:
        exposure: Mean luma that the photograph is brightened to, 0.30 to 0.60, if it is darker; ``'auto'``
            for 0.47; ``'as-trained'`` for the strength that the method was trained with.
        shadows: Mean luma that dark parts are brightened to beyond that, 0.20 to 0.50; ``'auto'`` for 0.32,
            less in proportion to an exposure below 0.47; ``'off'`` for one strength in all parts.
        strength: Strength in place of the one that is chosen: 0 gives the input, 1 is as trained, at most
            1.6; None to choose.
        denoise: Strength of the denoising, up to 30; ``'auto'`` to go by the noise that is measured;
            ``'off'``. Unless it is off, what is almost black is averaged (:func:`average_faint`).
        saturation: ``'keep'`` for the hues of the input, ``'as-is'`` for those that the method gives.
        trust: How far strengths that are chosen for an ``'auto'`` move to the one that the method was trained
            with, 0 to 1; for the config of a method that has learned how bright a scene is meant to be. It
            counts in full where the photograph is black, and less the closer its mean luma is to 0.47.

    Raises:
        UserError: If a setting is none of these.
    """

    exposure: float | Literal["auto", "as-trained"] = "auto"
    shadows: float | Literal["auto", "off"] = "auto"
    strength: float | None = None
    denoise: float | Literal["auto", "off"] = "auto"
    saturation: Literal["keep", "as-is"] = "keep"
    trust: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        _check("exposure", self.exposure, ("auto", "as-trained"), 0.30, 0.60)
        _check("shadows", self.shadows, ("auto", "off"), 0.20, 0.50)
        _check("strength", self.strength, (None,), 0, MAX_STRENGTH)
        _check("denoise", self.denoise, ("auto", "off"), 0, 30)
        _check("saturation", self.saturation, ("keep", "as-is"))
        _check("trust", self.trust, (), 0, 1)

    @classmethod
    def from_settings(cls, *settings: Mapping[str, Any]) -> "Look":
        """Make one of settings by name, such as a config or an exported file carries.

        Args:
            settings: Arguments by name; of several, the later ones count.

        Raises:
            UserError: If they are not by name, one has another name than an argument, or is none of its
                values.
        """
        names = [each.name for each in fields(cls)]
        together: dict[str, Any] = {}
        for each in settings:
            if not isinstance(each, Mapping):
                raise UserError(f"The look is given as settings by name ({', '.join(names)}), got {each!r}.")
            together.update(each)
        for name in together:
            if name not in names:
                raise UserError(f"The look has no setting {name!r}, only {', '.join(names)}.")
        return cls(**together)

    @classmethod
    def as_trained(cls) -> "Look":
        """The look of research tables: what the method gives, and nothing else."""
        return cls(exposure="as-trained", shadows="off", denoise="off", saturation="as-is")

    def apply(self, image: np.ndarray, enhance: Enhance) -> np.ndarray:
        """Enhance a photograph.

        Args:
            image: (H, W, 3) float32, RGB in [0, 1].
            enhance: Enhances (1, 3, h, w) float32 with strengths (N, 1, h, w) or (N, 1, 1, 1); gives
                (N, 3, h, w), a new array, which is then worked on.

        Returns:
            (H, W, 3) float32, RGB in [0, 1].
        """
        return self.render(image, self.plan(image, enhance), enhance)

    def plan(self, image: np.ndarray, enhance: Enhance) -> StrengthField:
        """Choose the strengths of a photograph; arguments as of :meth:`apply`."""
        if self.strength is not None or self.exposure == "as-trained":
            return StrengthField.uniform(1.0 if self.strength is None else self.strength)

        def enhance_copies(images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
            return enhance(images, strengths[:, None, None, None])

        exposure = AUTO_EXPOSURE if self.exposure == "auto" else self.exposure
        # Where less light is asked for, dark parts get less of it too.
        auto = AUTO_SHADOWS * min(1.0, exposure / AUTO_EXPOSURE)
        shadows = auto if self.shadows == "auto" else None if self.shadows == "off" else self.shadows
        of_exposure, of_shadows = (self.trust if s == "auto" else 0.0 for s in (self.exposure, self.shadows))
        return choose_strength(image, enhance_copies, exposure, shadows, (of_exposure, of_shadows))

    def render(self, image: np.ndarray, plan: StrengthField, enhance: Enhance) -> np.ndarray:
        """Enhance a photograph by the strengths that :meth:`plan` chose; arguments as of :meth:`apply`."""
        strength = np.full((1, 1), plan.overall, np.float32) if plan.is_uniform else plan.of(image)
        if not strength.any():
            return image
        # Views, not copies: a photograph of 33 megapixels is 400 MB.
        enhanced = enhance(image.transpose(2, 0, 1)[None], strength[None, None])[0].transpose(1, 2, 0)
        self.finish(image, enhanced, strength)
        return enhanced

    def finish(self, image: np.ndarray, enhanced: np.ndarray, strength: np.ndarray) -> None:
        """Denoise an enhanced photograph and give it its hues, in place.

        Args:
            image: (H, W, 3) float32, RGB in [0, 1], the photograph.
            enhanced: The same shape, RGB in [0, 1].
            strength: (H, W) or (1, 1) float32, by which it was enhanced.
        """
        if self.denoise != "off":
            average_faint(image, enhanced, strength)
        filtering = self._filter_strength(enhanced)
        if not filtering and self.saturation == "as-is":
            return

        def finish(rows: slice, part: np.ndarray) -> None:
            if self.saturation == "keep":
                part = keep_hues(image, part, rows.start)
            share = finished_share(strength, rows)[..., None]
            if share.min() < 1:
                part = enhanced[rows] + share * (part - enhanced[rows])
            np.clip(part, 0, 1, out=enhanced[rows])

        if not filtering:
            in_threads(lambda rows: finish(rows, enhanced[rows]), [b[0] for b in bands(len(enhanced), BAND)])
            return
        above = enhanced[:0]  # of the band, as they were before they were finished
        for rows, around, inside in bands(len(enhanced), DENOISED_BAND, REACH):
            part = np.concatenate([above, enhanced[rows.start : around.stop]])
            above = part[: inside.stop][-REACH:]
            finish(rows, denoise(part, filtering)[inside])

    def _filter_strength(self, image: np.ndarray) -> float:
        if isinstance(self.denoise, str):
            return filter_strength(noise_level(image)) if self.denoise == "auto" else 0.0
        return float(self.denoise)


def _check(name: str, value: object, words: tuple, low: float = 0, high: float = -1) -> None:
    if value in words or (isinstance(value, Real) and low <= float(value) <= high):
        return
    choices = [str(word) for word in words if word is not None]
    if low <= high:
        choices.append(f"a number from {low:g} to {high:g}")
    raise UserError(f"{name} must be {' or '.join(choices)}, got {value!r}.")
