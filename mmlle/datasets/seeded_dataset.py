import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from mmlle.media.image_io import UnreadableImageError

__all__ = ["SeededDataset"]


@contextmanager
def randomness_from(number: int) -> Iterator[None]:
    """Draw all random numbers from a non-negative integer; the generators are afterwards as they were."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    seeds = np.random.SeedSequence(number).generate_state(3).tolist()
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


class SeededDataset(BaseDataset):
    """Base of our datasets: repeatable augmentation, and images that cannot be read.

    Augmentation draws from the index alone, see :class:`PassSampler`. A sample whose image cannot be read is
    logged by name and replaced by another one in training, and an error that names the file in testing.
    """

    def __getitem__(self, idx: int) -> dict:
        """Load a sample.

        Args:
            idx: Its index, plus any multiple of ``len(self)``, by which its augmentations differ.

        Raises:
            UnreadableImageError: If an image cannot be read: at once in testing, after ``max_refetch`` others
                in training.
        """
        with randomness_from(idx):
            return self._load(idx % len(self))

    def _load(self, index: int) -> dict:
        for remaining in range(self.max_refetch, -1, -1):
            try:
                return self.prepare_data(index)
            except UnreadableImageError as error:
                if self.test_mode or not remaining:
                    raise
                print_log(f"{error} Another one takes its place.", logger="current", level=logging.WARNING)
                index = self._rand_another()
        raise AssertionError("unreachable")
