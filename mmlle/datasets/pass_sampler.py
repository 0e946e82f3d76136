from collections.abc import Iterator, Sized

from mmengine.dataset import DefaultSampler
from torch.utils.data import ConcatDataset

from mmlle.registry import DATA_SAMPLERS
from mmlle.utils.errors import UserError

__all__ = ["PassSampler"]


@DATA_SAMPLERS.register_module()
class PassSampler(DefaultSampler):
    """MMEngine's default sampler, whose indices also tell the seed and the pass over the data.

    It gives ``number * len(dataset) + index``, where ``number`` is another one for each seed and epoch.
    :class:`SeededDataset` draws a sample's augmentation from that one integer. So a sample does not depend on
    the worker that loads it nor on what that worker did before, and a resumed training, or one on another
    number of processes, sees the same data.

    Args:
        dataset: The data set.
        shuffle: Whether the order is another one in each epoch.
        seed: Of the order and the augmentation, the same in all processes; None for one that they agree on.
        round_up: Whether samples are repeated so that all processes have the same number.

    Raises:
        UserError: If the data set is a concatenation, which does not understand such indices.

    Attributes:
        start: How many of this process's samples of the present epoch to leave out, for resuming within it.
    """

    # More epochs than any training has; it keeps the numbers of two seeds apart.
    _EPOCHS = 2**20

    start = 0

    def __init__(
        self, dataset: Sized, shuffle: bool = True, seed: int | None = None, round_up: bool = True
    ) -> None:
        if isinstance(dataset, ConcatDataset):
            raise UserError(
                "PassSampler's indices are for a single SeededDataset, such as LowLightDataset; a "
                "concatenation does not know them. Use sampler=dict(type='DefaultSampler', shuffle=True)."
            )
        super().__init__(dataset, shuffle, seed, round_up)

    def __iter__(self) -> Iterator[int]:
        """Give the indices of this process's samples."""
        number = self.seed * self._EPOCHS + self.epoch
        for index in list(super().__iter__())[self.start :]:
            yield number * len(self.dataset) + index
