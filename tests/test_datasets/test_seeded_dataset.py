import random

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader

from mmlle.datasets import PassSampler, SeededDataset

LENGTH = 6


def draw(sample):
    """An augmentation that draws from every generator."""
    sample["drawn"] = (random.random(), np.random.rand(), torch.rand(1).item())
    return sample


class Numbers(SeededDataset):
    def load_data_list(self):
        return [dict(number=i) for i in range(LENGTH)]


@pytest.fixture
def dataset():
    return Numbers(pipeline=[draw])


def states():
    return random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()


def test_the_index_decides_what_is_drawn(dataset):
    first = dataset[2]
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    dataset[3]
    assert dataset[2] | {"sample_idx": 2} == first | {"sample_idx": 2}
    assert Numbers(pipeline=[draw])[2]["drawn"] == first["drawn"]


def test_every_pass_and_every_sample_draws_something_else(dataset):
    samples = [dataset[i] for i in range(4 * LENGTH)]
    assert [s["number"] for s in samples] == list(range(LENGTH)) * 4
    for generator in zip(*(s["drawn"] for s in samples), strict=True):
        assert len(set(generator)) == 4 * LENGTH


def test_the_generators_of_the_process_are_left_as_they_were(dataset):
    before = states()
    dataset[7]
    assert states() == before


def test_even_after_an_error():
    def fail(sample):
        draw(sample)
        raise RuntimeError("broken")

    dataset = Numbers(pipeline=[fail])
    before = states()
    with pytest.raises(RuntimeError, match="broken"):
        dataset[1]
    assert states() == before


def test_large_indices_are_as_good(dataset):
    index = 2**31 * 2**20 * LENGTH + 3
    assert dataset[index]["number"] == 3
    assert dataset[index]["drawn"] != dataset[3]["drawn"]


def epochs(dataset, workers, seed=1):
    sampler = PassSampler(dataset, seed=seed)
    loader = DataLoader(
        dataset, 2, sampler=sampler, num_workers=workers, collate_fn=pseudo_collate,
        persistent_workers=workers > 0, multiprocessing_context="fork" if workers else None,
    )  # fmt: skip
    seen = []
    for epoch in range(2):
        sampler.set_epoch(epoch)
        seen.append([(s["number"], s["drawn"]) for batch in loader for s in unbatch(batch)])
    return seen


def unbatch(batch):
    drawn = zip(*batch["drawn"], strict=True)
    return [dict(number=n, drawn=d) for n, d in zip(batch["number"], drawn, strict=True)]


def test_workers_give_what_the_main_process_gives(dataset):
    alone, helped = epochs(dataset, 0), epochs(dataset, 2)
    assert alone == helped
    assert sorted(number for number, _ in alone[0]) == list(range(LENGTH))
    assert dict(alone[0]) != dict(alone[1])
    assert set(dict(alone[0]).values()).isdisjoint(dict(alone[1]).values())


def test_another_seed_gives_other_data(dataset):
    one, other = epochs(dataset, 0, seed=1), epochs(dataset, 0, seed=2)
    assert set(dict(one[0]).values()).isdisjoint(dict(other[0]).values())
