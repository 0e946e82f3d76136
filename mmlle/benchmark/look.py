"""What the look costs beside the enhancement itself, and what a picture of a film takes."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import NamedTuple, TypeVar

import cv2
import numpy as np

from mmlle.apis.backend import Backend
from mmlle.look import FilmLook, Look

__all__ = ["LookTimes", "time_look"]

Result = TypeVar("Result")

#: Pictures a second of the film.
RATE = 25


class LookTimes(NamedTuple):
    """Seconds that the stages of a photograph take, and a picture of a film of its size.

    Attributes:
        choosing: The strengths are chosen on a small copy.
        strengths: They are spread over the photograph.
        enhancement: The method itself.
        finishing: Hues; denoising apart.
        picture: All of this for a picture of a film, on the average.
    """

    choosing: float
    strengths: float
    enhancement: float
    finishing: float
    picture: float

    @property
    def share(self) -> float:
        """What the look takes over what the enhancement takes."""
        return (self.choosing + self.strengths + self.finishing) / self.enhancement


def time_look(backend: Backend, size: tuple[int, int], repeats: int) -> LookTimes:
    """Time the stages in turns, so that other load of the machine affects all of them.

    Args:
        backend: A model.
        size: Height and width of the photograph, which is dark with a bright sky.
        repeats: How many turns are timed, after one to warm up.

    Returns:
        Medians.
    """
    look, image = Look(denoise="off"), photograph(*size)
    film = FilmLook(look, backend.enhance_batch)
    batch = image.transpose(2, 0, 1)[None]
    turns = []
    for turn in range(repeats + 1):
        choosing, plan = _timed(partial(look.plan, image, backend.enhance_batch))
        spreading, field = _timed(partial(plan.of, image))
        enhancing, enhanced = _timed(partial(backend.enhance_batch, batch, field[None, None]))
        finishing, _ = _timed(partial(look.finish, image, enhanced[0].transpose(1, 2, 0), field))
        # Strengths are chosen for one picture in five.
        pictures = [_timed(partial(film, image, (5 * turn + i) / RATE))[0] for i in range(5)]
        turns.append((choosing, spreading, enhancing, finishing, sum(pictures) / 5))
    return LookTimes(*(median(times) for times in zip(*turns[1:], strict=True)))


def photograph(height: int, width: int) -> np.ndarray:
    """Make a dark photograph with a bright sky: (H, W, 3) float32, RGB in [0, 1]."""
    random = np.random.default_rng(0)
    coarse = random.random((max(2, height // 64), max(2, width // 64), 3)).astype(np.float32)
    image = 0.2 * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    image[: height // 4] += 0.7
    return np.rint(255 * image).astype(np.float32) / 255


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result
