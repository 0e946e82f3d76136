"""Where the enhanced photographs come from: a model, a folder of results, or nowhere."""

import hashlib
from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np

from mmlle.look import Look
from mmlle.media.image_io import list_images, read_image
from mmlle.utils.errors import UserError
from mmlle.zoo import weights_path

__all__ = ["ModelSource", "ResultSource", "Source", "Unchanged", "open_source"]

#: At the end of a model's name, for the look of ``mmlle enhance``.
LOOK = "+look"


class Source(ABC):
    """Gives the enhanced photographs of the sets.

    Attributes:
        label: Its name in tables.
    """

    label: str

    @abstractmethod
    def enhance(self, key: str, name: str, image: np.ndarray) -> np.ndarray:
        """Give the enhancement of one photograph, (H, W, 3) uint8, BGR.

        Args:
            key: Letter of the set.
            name: Of the photograph in the set, without an ending.
            image: The photograph, (H, W, 3) uint8, BGR.

        Raises:
            UserError: If there is no result for it.
        """

    def describe(self) -> dict[str, str]:
        """What identifies the source, for the report."""
        return {}


class Unchanged(Source):
    """The input itself, which every enhancement should beat."""

    label = "input"

    def enhance(self, key: str, name: str, image: np.ndarray) -> np.ndarray:
        """Give the photograph itself; see :meth:`Source.enhance`."""
        return image


class ResultSource(Source):
    """Results of another program: ``<folder>/<set>/<name>`` with any ending of an image.

    Raises:
        UserError: If the folder has no images.
    """

    def __init__(self, folder: str | Path) -> None:
        self.label = Path(folder).name
        self.folder = Path(folder)
        self.results = {str(Path(name).with_suffix("")): name for name in list_images(folder)}
        if not self.results:
            raise UserError(f"There are no results below {folder} (looked for from {Path.cwd()}).")

    def enhance(self, key: str, name: str, image: np.ndarray) -> np.ndarray:
        """Read the result; see :meth:`Source.enhance`."""
        result = self.results.get(str(Path(key, name)))
        if result is None:
            raise UserError(f"{self.folder} has no result {key}/{name}, with any ending of an image.")
        enhanced = read_image(self.folder / result)
        if enhanced.shape != image.shape:
            raise UserError(
                f"{self.folder / result} is {enhanced.shape[0]}x{enhanced.shape[1]} (height x width) and its "
                f"photograph {image.shape[0]}x{image.shape[1]}: they must be equal."
            )
        return enhanced

    def describe(self) -> dict[str, str]:
        """Name the folder."""
        return dict(folder=str(self.folder))


class ModelSource(Source):
    """A model of this package with its weights.

    Args:
        model: Short name of a model, or a config file.
        weights: Checkpoint file; None for the weights that are shipped.
        look: Whether photographs get the look of ``mmlle enhance``, and not only what the model was trained
            for.

    Raises:
        UserError: If the model or its weights are missing, or do not fit.
    """

    def __init__(self, model: str, weights: str | Path | None = None, look: bool = False) -> None:
        # It imports the model stack, which folders of results do without.
        from mmlle.apis import LowLightInferencer

        self.inferencer = LowLightInferencer(model, weights, look=None if look else Look.as_trained())
        self.weights = weights_path(model) if weights is None else Path(weights)
        self.label = (model if weights is None else self.weights.stem) + (LOOK if look else "")
        self.model = model

    def enhance(self, key: str, name: str, image: np.ndarray) -> np.ndarray:
        """Run the model; see :meth:`Source.enhance`."""
        return self.inferencer.enhance(image)

    def describe(self) -> dict[str, str]:
        """Name the config and the weights, with their SHA-256."""
        return dict(
            model=self.model,
            look=str(self.inferencer.look),
            weights=str(self.weights),
            sha256=hashlib.sha256(self.weights.read_bytes()).hexdigest(),
        )


def open_source(text: str) -> Source:
    """Make the source that a command line names.

    Args:
        text: ``input`` for the photographs themselves, the short name of a model, ``CONFIG.py:CHECKPOINT``,
            or a folder of results. ``+look`` at the end of a model's name adds the look of ``mmlle
            enhance``.

    Raises:
        UserError: If it is none of these.
    """
    if text == Unchanged.label:
        return Unchanged()
    look = text.endswith(LOOK)
    text = text.removesuffix(LOOK)
    model, _, weights = text.partition(".py:")
    if weights:
        return ModelSource(f"{model}.py", weights, look)
    if Path(text).is_dir():
        return ResultSource(text)
    return ModelSource(text, look=look)
