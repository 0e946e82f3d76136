import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mmlle.utils.errors import UserError
from mmlle.utils.reflection import reflected
from mmlle.utils.tiles import apply_in_tiles, free_memory, tile_side

from .model_info import ModelFileError, ModelInfo

__all__ = ["ExportedModel"]

_LOGGER = logging.getLogger(__name__)


class ExportedModel(ABC):
    """A model that ``mmlle export`` wrote, in a runtime: what is the same for all of them.

    Images go through the graph in tiles that overlap by the network's receptive radius, so that the memory is
    bounded, and the result is that of the whole image.

    Args:
        content: What is in the file.
        name: What messages call it.
        side: Side of the tiles in pixels, a multiple of the model's ``size_multiple``; None to choose it by
            the CPU's cache and the free memory.

    Attributes:
        info: What the file tells of the model.

    Raises:
        UserError: If the runtime is not installed, the file is damaged, or no model of this package.
    """

    #: Name of the runtime's module, and of the package that installs it.
    module: ClassVar[str]

    def __init__(self, content: bytes, name: object = "the model", side: int | None = None) -> None:
        self.check_installed()
        self.info = ModelInfo.from_metadata(self.load(content, name), name)
        self._side = side

    @classmethod
    def from_file(cls, path: str | Path, side: int | None = None) -> "ExportedModel":
        """Read a file; see the class."""
        cls.check_installed()
        try:
            content = Path(path).read_bytes()
        except FileNotFoundError as error:
            raise ModelFileError(f"There is no model {path} (looked for from {Path.cwd()}).") from error
        except OSError as error:
            raise ModelFileError(f"Cannot read the model {path}: {error.strerror}.") from error
        return cls(content, path, side)

    @classmethod
    def check_installed(cls) -> None:
        """Make sure that the runtime is installed.

        Raises:
            UserError: If it is not.
        """
        if not cls.is_installed():
            raise UserError(f"{cls.module} is not installed. Run: pip install {cls.module}")

    @classmethod
    def is_installed(cls) -> bool:
        """Whether the runtime is installed."""
        return find_spec(cls.module) is not None

    @abstractmethod
    def load(self, content: bytes, name: object) -> Mapping[str, str]:
        """Load a file; gives its metadata.

        Raises:
            ModelFileError: If it is damaged.
        """

    @abstractmethod
    def run(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """Run the graph once; see :class:`ModelInfo`. Several threads may call this at once."""

    @property
    def scale(self) -> int:
        """By how much the model enlarges."""
        return self.info.scale

    @property
    def look(self) -> Mapping[str, Any]:
        """Settings of the look that the model's config carries."""
        return self.info.look

    def enhance_batch(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """Enhance images; see :meth:`mmlle.apis.backend.Backend.enhance_batch`."""
        height, width = images.shape[-2:]
        count = max(len(images), len(strengths))
        images = np.broadcast_to(np.asarray(images, np.float32), (count, 3, height, width))
        strengths = np.broadcast_to(np.asarray(strengths, np.float32), (count, 1, height, width))
        (rows, top), (columns, left) = self._padding(height), self._padding(width)
        if (len(rows), len(columns)) != (height, width):
            images, strengths = (each[..., rows, :][..., columns] for each in (images, strengths))
        result = self._in_tiles(images, strengths)
        top, left, height, width = (self.scale * number for number in (top, left, height, width))
        return result[..., top : top + height, left : left + width]

    def _padding(self, side: int) -> tuple[list[int], int]:
        """Say which pixel of a side comes where in the padded one, and where the first pixel is."""
        smallest, multiple = self.info.smallest_side, self.info.size_multiple
        return reflected(side, max(smallest, multiple) if side < smallest else multiple)

    def _in_tiles(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        if self.info.receptive_radius is None:
            return self._run(images, strengths)
        halo = self.info.receptive_radius + -self.info.receptive_radius % self.info.size_multiple
        held = images.nbytes + strengths.nbytes + self.scale**2 * images.nbytes
        side = self._side or tile_side(halo, len(images) * self.info.pixel_bytes, free_memory(), True, held)
        return apply_in_tiles(
            self._run,
            (images, strengths),
            side,
            halo,
            self.scale,
            empty=lambda part, size: np.empty((*part.shape[:2], *size), np.float32),
            on_shrink=lambda side: _LOGGER.warning(
                "Out of memory: going on in tiles of %dx%d pixels.", side, side
            ),
        )

    def _run(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        return self.run(np.ascontiguousarray(images), np.ascontiguousarray(strengths))
