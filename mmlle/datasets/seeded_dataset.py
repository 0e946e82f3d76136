import logging
import operator
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmengine.dist import get_rank
from mmengine.logging import print_log
from torch.utils.data import get_worker_info

from mmlle.media.image_io import UnreadableImageError
from mmlle.utils.errors import ImageSizeError, UserError

__all__ = ["SeededDataset", "SeededIndex"]


class SeededIndex(int):
    """Index of a sample, with the seed of the sample's augmentation.

    ConcatDataset and RepeatDataset compute ``index - offset`` and ``index % length`` to find the sample in
    one of their data sets; the seed stays.

    Args:
        index: The index.
        seed: Not negative.
    """

    seed: int

    def __new__(cls, index: int, seed: int) -> "SeededIndex":
        """Make an index."""
        self = super().__new__(cls, index)
        self.seed = seed
        return self

    def __getnewargs__(self) -> tuple[int, int]:  # type: ignore[override]  # int has one argument
        # For pickling, which sends indices to workers.
        return int(self), self.seed

    def __sub__(self, offset: int) -> "SeededIndex":
        return SeededIndex(int(self) - offset, self.seed)

    def __mod__(self, length: int) -> "SeededIndex":
        return SeededIndex(int(self) % length, self.seed)


@contextmanager
def randomness_from(seed: int | Sequence[int]) -> Iterator[None]:
    """Draw all random numbers from non-negative integers; the generators are afterwards as they were."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    seeds = np.random.SeedSequence(seed).generate_state(3).tolist()
    try:
        random.seed(seeds[0])
        np.random.seed(seeds[1])
        # Not torch.manual_seed, which seeds GPUs as well.
        torch.default_generator.manual_seed(seeds[2])
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


def draw_seed() -> list[int]:
    """Draw a seed from the running state of this process, different in each worker and process.

    MMEngine seeds workers by their number alone, so that workers which are started anew for each epoch would
    repeat themselves; the seed that PyTorch gives them differs from epoch to epoch.
    """
    worker = get_worker_info()
    drawn = np.random.randint(2**32, size=4, dtype=np.uint32)
    return [*drawn.tolist(), get_rank(), worker.seed if worker else 0]


class SeededDataset(BaseDataset):
    """Base of our datasets: repeatable augmentation, and images that cannot be used.

    In training, augmentation is drawn from the seed of a :class:`SeededIndex`, as :class:`PassSampler` gives
    them, and under any other sampler from the random state of the process: a sample is another one in each
    pass. In testing it is drawn from the index alone.

    A sample whose image cannot be read, or is too small for the pipeline, is logged by name and replaced by
    another one in training; in testing it is an error that names the file. A folder that is gone is an error.
    """

    def __getitem__(self, idx: int) -> dict:
        """Load a sample.

        Args:
            idx: Its index, from ``-len(self)`` to ``len(self) - 1``.

        Raises:
            IndexError: If there is no such sample.
            UnreadableImageError: If an image cannot be read: at once in testing, after ``max_refetch`` others
                in training.
            ImageSizeError: If an image is too small for the pipeline; likewise.
            UserError: If a folder of images is gone.
        """
        index, length = int(operator.index(idx)), len(self)
        if not -length <= index < length:
            raise IndexError(f"There is no sample {index}: {type(self).__name__} has {length}.")
        index %= length
        if isinstance(idx, SeededIndex):
            seed: int | list[int] = idx.seed
        else:
            seed = index if self.test_mode else draw_seed()
        with randomness_from(seed):
            return self._load(index)

    def _load(self, index: int) -> dict:
        for remaining in range(self.max_refetch, -1, -1):
            try:
                return self.prepare_data(index)
            except (UnreadableImageError, ImageSizeError) as error:
                if self.test_mode or not remaining:
                    raise
                folders = filter(None, self.data_prefix.values())
                gone = [os.path.normpath(folder) for folder in folders if not os.path.isdir(folder)]
                if gone:
                    raise UserError(
                        f"The folder {gone[0]} of the images is gone, or cannot be reached any more. Bring "
                        "it back and go on with --resume."
                    ) from error
                print_log(f"{error} Another one takes its place.", logger="current", level=logging.WARNING)
                index = self._rand_another()
        raise AssertionError("unreachable")
