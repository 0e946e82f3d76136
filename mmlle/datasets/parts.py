from collections.abc import Iterator
from typing import Any

from mmengine.dataset import RepeatDataset
from mmengine.runner.runner import _SlicedDataset
from torch.utils.data import ConcatDataset

__all__ = ["parts_of"]


def parts_of(dataset: Any, path: str = "dataset") -> Iterator[tuple[str, Any]]:
    """Find the data sets within ConcatDataset, RepeatDataset and what ``num_batch_per_epoch`` makes of one.

    Args:
        dataset: The data set.
        path: Where it is in the config.

    Yields:
        Where each is in the config, and the data set itself.
    """
    if isinstance(dataset, ConcatDataset):
        for index, each in enumerate(dataset.datasets):
            yield from parts_of(each, f"{path}.datasets.{index}")
    elif isinstance(dataset, RepeatDataset):
        yield from parts_of(dataset.dataset, f"{path}.dataset")
    elif isinstance(dataset, _SlicedDataset):
        yield from parts_of(dataset._dataset, path)
    else:
        yield path, dataset
