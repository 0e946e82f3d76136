"""What the page does with photographs: read them, show a small copy enhanced, enhance them at full size."""

import io
import os
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mmlle.apis.batch import describe_error, photograph_codec
from mmlle.look import Look
from mmlle.media.photograph import Photograph
from mmlle.media.photograph_reading import read_photograph
from mmlle.media.photograph_writing import WRITABLE_SUFFIXES, lost_properties, result_suffix
from mmlle.utils.errors import UserError, one_line

from .limits import Limits
from .methods import Methods

__all__ = ["Darkroom", "Preview", "Results"]

#: Longer side of a preview in pixels, and of the part that is shown enlarged.
PREVIEW_SIDE, CROP_SIDE = 1280, 288
#: How many copies are kept, of up to 20 MB each.
NUM_COPIES = 24


class Preview(NamedTuple):
    """A small copy of a photograph, or a part of it, and the same enhanced.

    Attributes:
        before: (H, W, 3) float32, RGB in [0, 1].
        after: Of the same form.
        size: Height and width of the photograph.
        part: Whether it is the middle of the photograph and not the whole of it.
    """

    before: np.ndarray
    after: np.ndarray
    size: tuple[int, int]
    part: bool


@dataclass
class Results:
    """What became of some photographs.

    Attributes:
        files: The results.
        archive: A zip file of them if there are several.
        notes: What was left out or converted, and what could not be done; each names its photograph.
    """

    files: list[Path] = field(default_factory=list)
    archive: Path | None = None
    notes: list[str] = field(default_factory=list)


class _Copy(NamedTuple):
    photograph: Photograph  # without properties
    size: tuple[int, int]  # of the whole


class Darkroom:
    """Reads and enhances the photographs of all users; several threads may call it at once.

    Args:
        methods: The models that can be chosen.
        limits: What is refused.
    """

    def __init__(self, methods: Methods, limits: Limits) -> None:
        self.methods = methods
        self.limits = limits
        self._codec = photograph_codec()
        self._copy = lru_cache(NUM_COPIES)(self._make_copy)

    def check(self, path: Path) -> None:
        """Read a photograph, of which a small copy is kept for the previews.

        Raises:
            UserError: If it cannot be used; the message has the name of the file without its folder.
        """
        self._copy(path, False)

    def preview(self, path: Path, method: str, look: Look) -> Preview:
        """Enhance a small copy of a photograph; for super-resolution, a part of it.

        Raises:
            UserError: As :meth:`check`, or if there is no such method.
        """
        model = self.methods[method]
        enlarged = model.scale > 1
        photograph, size = self._copy(path, enlarged)
        os.utime(path)
        look = Look.as_trained() if enlarged else look
        before = photograph.pixels
        after = photograph.replaced(look.apply(before, model.inferencer.enhance_batch)).pixels
        if enlarged:
            before = cv2.resize(before, after.shape[1::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1)
        return Preview(before, after, size, enlarged)

    def enhance(
        self,
        paths: Sequence[Path],
        method: str,
        look: Look,
        folder: Path,
        advance: Callable[[int, str], object] = lambda done, name: None,
    ) -> Results:
        """Enhance photographs at full size, one after the other, with all their properties.

        Args:
            paths: The photographs.
            method: Name of the model.
            look: Of the results; for super-resolution without effect.
            folder: Where the results go, under the names of the photographs.
            advance: Called before each photograph with the number of those that are done, and its name.

        Returns:
            The results. What fails is told in a note, and the others are done.

        Raises:
            UserError: If there is no such method.
        """
        model = self.methods[method]
        look = Look.as_trained() if model.scale > 1 else look
        results = Results()
        for done, path in enumerate(paths):
            advance(done, path.name)
            target = _free(folder / _result_name(path))
            try:
                photograph = self._read(path, self.limits.pixels // model.scale**2)
                pixels = look.apply(photograph.pixels, model.inferencer.enhance_batch)
                photograph = photograph.replaced(pixels)
                del pixels
                # Encoded for its name alone: nobody has any use for the folder in a message. A folder that is
                # gone, since the page ends, is not made again.
                target.write_bytes(self._codec.encode(photograph, Path(target.name)))
            except Exception as error:
                results.notes.append(describe_error(Path(path.name), error))
                continue
            results.files.append(target)
            notes = (*photograph.notes, *lost_properties(photograph, target.suffix))
            results.notes += [one_line(f"{target.name}: {note}.") for note in notes]
        if len(results.files) > 1:
            results.archive = _archive(results.files, folder / "enhanced.zip")
        return results

    def _make_copy(self, path: Path, part: bool) -> _Copy:
        photograph = self._read(path, self.limits.pixels)
        pixels, size = photograph.pixels, photograph.pixels.shape[:2]
        if part:
            top, left = (max(0, (side - CROP_SIDE) // 2) for side in size)
            pixels = pixels[top : top + CROP_SIDE, left : left + CROP_SIDE].copy()
        elif max(size) > PREVIEW_SIDE:
            height, width = (max(1, round(side * PREVIEW_SIDE / max(size))) for side in size)
            pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        return _Copy(Photograph(pixels, grey=photograph.grey), (size[0], size[1]))

    @staticmethod
    def _read(path: Path, max_pixels: int) -> Photograph:
        try:
            stream = io.BytesIO(path.read_bytes())
        except OSError as error:
            raise UserError(f"{path.name} is not here any more; add it again.") from error
        os.utime(path)
        stream.name = path.name
        return read_photograph(stream, max_pixels)


def _result_name(path: Path) -> str:
    writable = path.suffix.lower() in WRITABLE_SUFFIXES
    return f"{path.stem}{path.suffix if writable else result_suffix(path.suffix)}"


def _free(path: Path) -> Path:
    """Return a path at which nothing is yet: two photographs may have one name."""
    number, free = 2, path
    while free.exists():
        free, number = path.with_stem(f"{path.stem} ({number})"), number + 1
    return free


def _archive(files: Sequence[Path], path: Path) -> Path:
    """Put files into a zip file, as they are: images are compressed already."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as archive:
        for file in files:
            archive.write(file, file.name)
    return path
