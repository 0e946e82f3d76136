from mmengine.dataset import BaseDataset, RepeatDataset
from mmengine.runner.runner import _SlicedDataset
from torch.utils.data import ConcatDataset

from mmlle.datasets.parts import parts_of


class Two(BaseDataset):
    def load_data_list(self):
        return [dict(number=i) for i in range(2)]


def test_a_data_set_is_its_own_part():
    data = Two()
    assert list(parts_of(data, "train_dataloader.dataset")) == [("train_dataloader.dataset", data)]


def test_those_within_others_are_found_with_their_places():
    first, second = Two(), Two()
    # As num_batch_per_epoch makes it.
    data = _SlicedDataset(ConcatDataset([RepeatDataset(first, 2), second]), 3)
    assert list(parts_of(data)) == [("dataset.datasets.0.dataset", first), ("dataset.datasets.1", second)]
