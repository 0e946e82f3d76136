from mmengine.dataset import BaseDataset, ConcatDataset, RepeatDataset
from mmengine.runner.runner import _SlicedDataset

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
    data = _SlicedDataset(RepeatDataset(ConcatDataset([first, second]), 2), 3)
    places = ["dataset.dataset.datasets.0", "dataset.dataset.datasets.1"]
    assert list(parts_of(data)) == list(zip(places, (first, second), strict=True))
