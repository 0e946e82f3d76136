from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmlle.media.color import mean_luma
from mmlle.media.image_io import list_images, read_image
from mmlle.utils.errors import UndefinedMeasureError, UserError

from ..functional import (
    burnt_pixels,
    chroma_ratio,
    delta_e,
    highlight_psnr,
    hue_shift,
    identity_psnr,
    loe,
    niqe,
    psnr,
    shadow_luma,
    ssim,
)

__all__ = ["QUALITY_SETS", "Photograph", "QualitySet"]

#: Compares an output with what is named by the set: its ground truth, or the input.
Measure = Callable[[np.ndarray, np.ndarray], float | None]


class Photograph(NamedTuple):
    """An input and what its enhancement is compared with, (H, W, 3) uint8, BGR.

    Attributes:
        name: Path below the set's folder, without the ending.
        image: The input.
        reference: The ground truth; the input itself where there is none.
    """

    name: str
    image: np.ndarray
    reference: np.ndarray


@dataclass(frozen=True)
class QualitySet:
    """One kind of photographs, and what is measured on it.

    Attributes:
        key: Name of its folder: ``<root>/<key>/low`` and ``high`` with ground truth, else ``<root>/<key>``.
        title: What its photographs are.
        paired: Whether there is ground truth.
        measures: Functions of (reference, output) by the name of their column.
        digits: Decimal places of each measure in a table.
    """

    key: str
    title: str
    paired: bool
    measures: dict[str, Measure]
    digits: dict[str, int]

    def photographs(self, root: str | Path) -> Iterator[Photograph]:
        """Read the photographs one by one, in the order of their names.

        Args:
            root: Folder that ``tools/dataset_converters/prepare_quality_sets.py`` made.

        Raises:
            UserError: If the folder or a ground truth is missing.
        """
        folder = Path(root, self.key, "low") if self.paired else Path(root, self.key)
        names = list_images(folder)
        if not names:
            raise UserError(
                f"There are no photographs in {folder} (looked for from {Path.cwd()}). Make the sets with "
                "`python tools/dataset_converters/prepare_quality_sets.py`."
            )
        for name in names:
            image = read_image(folder / name)
            truth = read_image(Path(root, self.key, "high", name)) if self.paired else image
            yield Photograph(str(Path(name).with_suffix("")), image, truth)

    def measure(self, photograph: Photograph, enhanced: np.ndarray) -> dict[str, float | None]:
        """Measure the enhancement of one of its photographs.

        Args:
            photograph: The photograph.
            enhanced: (H, W, 3) uint8, BGR, of the photograph's size.

        Returns:
            Values by measure; None where a measure does not apply to the photograph.
        """

        def value(function: Measure) -> float | None:
            try:
                return function(photograph.reference, enhanced)
            except UndefinedMeasureError:
                return None

        return {name: value(function) for name, function in self.measures.items()}

    def with_measure(self, name: str, measure: Measure, digits: int) -> "QualitySet":
        """Give this set with one measure more."""
        return replace(self, measures=self.measures | {name: measure}, digits=self.digits | {name: digits})


def _input_luma(image: np.ndarray, enhanced: np.ndarray) -> float:
    return mean_luma(image)


def _output_luma(image: np.ndarray, enhanced: np.ndarray) -> float:
    return mean_luma(enhanced)


def _niqe(image: np.ndarray, enhanced: np.ndarray) -> float:
    return niqe(enhanced)


_FIDELITY: dict[str, Measure] = {"PSNR": psnr, "SSIM": ssim, "DeltaE": delta_e, "luma": _output_luma}
_FIDELITY_DIGITS = {"PSNR": 2, "SSIM": 3, "DeltaE": 1, "luma": 0}

#: The four kinds by their letters.
QUALITY_SETS = {
    quality_set.key: quality_set
    for quality_set in (
        QualitySet("A", "dark and noisy", True, _FIDELITY, _FIDELITY_DIGITS),
        QualitySet("B", "under-exposed", True, _FIDELITY, _FIDELITY_DIGITS),
        QualitySet(
            "C",
            "ordinary",
            False,
            {
                "burnt %": burnt_pixels,
                "hue °": hue_shift,
                "chroma": chroma_ratio,
                "luma in": _input_luma,
                "luma": _output_luma,
                "shadows": shadow_luma,
                "highlights dB": highlight_psnr,
                "NIQE": _niqe,
                "LOE": loe,
            },
            {
                "burnt %": 2,
                "hue °": 1,
                "chroma": 2,
                "luma in": 0,
                "luma": 0,
                "shadows": 0,
                "highlights dB": 1,
                "NIQE": 2,
                "LOE": 0,
            },
        ),
        QualitySet(
            "D",
            "well exposed",
            False,
            {"identity dB": identity_psnr, "bright part dB": partial(identity_psnr, above_luma=100)},
            {"identity dB": 1, "bright part dB": 1},
        ),
    )
}
