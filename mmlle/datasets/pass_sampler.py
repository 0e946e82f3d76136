from collections.abc import Iterator, Sized

from mmengine.dataset import DefaultSampler

from mmlle.registry import DATA_SAMPLERS
from mmlle.utils.errors import UserError

from .parts import parts_of
from .seeded_dataset import SeededDataset, SeededIndex

__all__ = ["PassSampler"]


@DATA_SAMPLERS.register_module()
class PassSampler(DefaultSampler):
    """MMEngine's default sampler, whose indices also carry the seed of each sample's augmentation.

    The seed follows from the sampler's seed, the epoch and the index. So a sample does not depend on the
    worker that loads it nor on what that worker did before, and a resumed training, or one on another number
    of processes, sees the same data.

    Args:
        dataset: A :class:`SeededDataset`, alone or within ConcatDataset and RepeatDataset.
        shuffle: Whether the order is another one in each epoch.
        seed: Of the order and the augmentation, the same in all processes; None for one that they agree on.
        round_up: Whether samples are repeated so that all processes have the same number.

    Raises:
        UserError: If the data set is, or contains, one that would ignore the seeds.

    Attributes:
        start: How many of this process's samples of the present epoch to leave out, for resuming within it.
    """

    # More epochs than any training has; it keeps the numbers of two seeds apart.
    _EPOCHS = 2**20

    start = 0

    def __init__(
        self, dataset: Sized, shuffle: bool = True, seed: int | None = None, round_up: bool = True
    ) -> None:
        foreign = {
            type(part).__name__ for _, part in parts_of(dataset) if not isinstance(part, SeededDataset)
        }
        if foreign:
            raise UserError(
                f"PassSampler seeds the augmentation of MMLLE's datasets, alone or within ConcatDataset and "
                f"RepeatDataset; {', '.join(sorted(foreign))} would ignore the seeds, and a resumed training "
                "would see other data. Use sampler=dict(type='DefaultSampler', shuffle=True)."
            )
        super().__init__(dataset, shuffle, seed, round_up)

    def __iter__(self) -> Iterator[SeededIndex]:
        """Give the indices of this process's samples."""
        number = self.seed * self._EPOCHS + self.epoch
        for index in list(super().__iter__())[self.start :]:
            yield SeededIndex(index, number * len(self.dataset) + index)
