from collections.abc import Iterator

from mmengine.dataset import DefaultSampler

from mmlle.registry import DATA_SAMPLERS

__all__ = ["PassSampler"]


@DATA_SAMPLERS.register_module()
class PassSampler(DefaultSampler):
    """MMEngine's default sampler, whose indices also tell the seed and the pass over the data.

    It gives ``number * len(dataset) + index``, where ``number`` is another one for each seed and epoch.
    :class:`SeededDataset` draws a sample's augmentation from that one integer. So a sample does not depend on
    the worker that loads it nor on what that worker did before, and a resumed training, or one on another
    number of processes, sees the same data.

    Attributes:
        start: How many of this process's samples of the present epoch to leave out, for resuming within it.
    """

    # More epochs than any training has; it keeps the numbers of two seeds apart.
    _EPOCHS = 2**20

    start = 0

    def __iter__(self) -> Iterator[int]:
        """Give the indices of this process's samples."""
        number = self.seed * self._EPOCHS + self.epoch
        for index in list(super().__iter__())[self.start :]:
            yield number * len(self.dataset) + index
