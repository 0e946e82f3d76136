import mmengine.dataset.sampler as upstream
import pytest
from mmengine.dataset import DefaultSampler

from mmlle.datasets import PassSampler
from mmlle.registry import DATA_SAMPLERS

DATA = list(range(10))


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
        assert [index % 10 for index in ours] == list(theirs)
    assert len(ours) == 10


def test_the_pass_tells_seed_and_epoch():
    passes = set()
    for seed in (0, 1, 2**31 - 1):
        sampler = PassSampler(DATA, seed=seed)
        for epoch in (0, 1, 1000):
            sampler.set_epoch(epoch)
            numbers = {index // 10 for index in sampler}
            assert numbers == {seed * 2**20 + epoch}
            passes |= numbers
    assert len(passes) == 9


def test_it_is_the_same_every_time_it_is_asked():
    sampler = PassSampler(DATA, seed=3)
    assert list(sampler) == list(sampler) == list(PassSampler(DATA, seed=3))


@pytest.mark.parametrize("epoch", [0, 5])
def test_processes_together_see_what_one_sees_in_its_order(processes, epoch):
    (one,) = processes(1, seed=7)
    two = processes(2, seed=7)
    for sampler in (one, *two):
        sampler.set_epoch(epoch)
    taken_in_turns = [index for pair in zip(*two, strict=True) for index in pair]
    assert taken_in_turns == list(one)


def test_all_processes_get_the_same_number(processes):
    three = processes(3, seed=7)
    assert [len(list(sampler)) for sampler in three] == [len(sampler) for sampler in three] == [4, 4, 4]
    assert {index % 10 for sampler in three for index in sampler} == set(DATA)


def test_the_start_is_left_out(processes):
    for sampler in processes(2, seed=7):
        whole = list(sampler)
        sampler.start = 3
        assert list(sampler) == whole[3:]
        sampler.start = 5
        assert list(sampler) == []


def test_it_is_registered():
    sampler = DATA_SAMPLERS.build(dict(type="PassSampler", dataset=DATA, shuffle=False, seed=0))
    assert list(sampler) == DATA
