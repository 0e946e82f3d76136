import mmengine.dataset.sampler as upstream
import pytest
import torch.utils.data
from mmengine.dataset import BaseDataset, ConcatDataset, DefaultSampler, RepeatDataset
from mmengine.runner.runner import _SlicedDataset

from mmlle.datasets import PassSampler, SeededDataset
from mmlle.registry import DATA_SAMPLERS
from mmlle.utils.errors import UserError


class Ten(SeededDataset):
    def load_data_list(self):
        return [dict(number=i) for i in range(10)]


class Foreign(BaseDataset):
    load_data_list = Ten.load_data_list


DATA = Ten()


@pytest.fixture
def processes(monkeypatch):
    """Samplers as several processes make them."""

    def make(count, **options):
        samplers = []
        for rank in range(count):
            monkeypatch.setattr(upstream, "get_dist_info", lambda rank=rank: (rank, count))
            samplers.append(PassSampler(DATA, **options))
        return samplers

    return make


@pytest.mark.parametrize("shuffle", [True, False])
def test_the_samples_are_those_of_mmengines_sampler(shuffle):
    ours, theirs = PassSampler(DATA, shuffle, seed=4), DefaultSampler(DATA, shuffle, seed=4)
    for epoch in range(3):
        ours.set_epoch(epoch)
        theirs.set_epoch(epoch)
        assert list(ours) == list(theirs)
    assert len(ours) == 10


def seeds(sampler):
    return [index.seed for index in sampler]


def test_the_seed_follows_from_the_sampler_s_the_epoch_and_the_index():
    seen = set()
    for seed in (0, 1, 2**31 - 1):
        sampler = PassSampler(DATA, seed=seed)
        for epoch in (0, 1, 1000):
            sampler.set_epoch(epoch)
            assert seeds(sampler) == [(seed * 2**20 + epoch) * 10 + index for index in sampler]
            seen.update(seeds(sampler))
    assert len(seen) == 90


def test_it_is_the_same_every_time_it_is_asked():
    sampler = PassSampler(DATA, seed=3)
    assert list(sampler) == list(sampler) == list(PassSampler(DATA, seed=3))
    assert seeds(sampler) == seeds(sampler) == seeds(PassSampler(DATA, seed=3))


@pytest.mark.parametrize("epoch", [0, 5])
def test_processes_together_see_what_one_sees_in_its_order(processes, epoch):
    (one,) = processes(1, seed=7)
    two = processes(2, seed=7)
    for sampler in (one, *two):
        sampler.set_epoch(epoch)
    taken_in_turns = [index for pair in zip(*two, strict=True) for index in pair]
    assert taken_in_turns == list(one)
    assert [index.seed for index in taken_in_turns] == seeds(one)


def test_all_processes_get_the_same_number(processes):
    three = processes(3, seed=7)
    assert [len(list(sampler)) for sampler in three] == [len(sampler) for sampler in three] == [4, 4, 4]
    assert {index for sampler in three for index in sampler} == set(range(10))


def test_the_start_is_left_out(processes):
    for sampler in processes(2, seed=7):
        whole = list(sampler)
        sampler.start = 3
        assert list(sampler) == whole[3:]
        sampler.start = 5
        assert list(sampler) == []


def test_it_is_registered():
    sampler = DATA_SAMPLERS.build(dict(type="PassSampler", dataset=DATA, shuffle=False, seed=0))
    assert list(sampler) == list(range(10))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda dataset: dataset,
        lambda dataset: ConcatDataset([Ten(), dataset]),
        lambda dataset: RepeatDataset(dataset, 2),
        lambda dataset: _SlicedDataset(dataset, 4),  # of num_batch_per_epoch
        lambda dataset: torch.utils.data.ConcatDataset([ConcatDataset([dataset, Ten()]), Ten()]),
    ],
)
def test_data_sets_that_would_ignore_the_seeds_are_refused_by_name_wherever_they_are(wrap):
    assert len(PassSampler(wrap(Ten()))) == len(wrap(Ten()))
    with pytest.raises(UserError, match="Foreign.*DefaultSampler"):
        PassSampler(wrap(Foreign()))


def test_what_is_no_data_set_of_mmengine_is_refused_too():
    with pytest.raises(UserError, match="list would ignore the seeds"):
        PassSampler(list(range(10)))
