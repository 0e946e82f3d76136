import pickle
import random
from itertools import islice

import numpy as np
import pytest
import torch
import torch.utils.data
from mmengine.dataset import (
    BaseDataset,
    ConcatDataset,
    DefaultSampler,
    InfiniteSampler,
    RepeatDataset,
    pseudo_collate,
)
from mmengine.dataset.utils import worker_init_fn
from torch.utils.data import DataLoader

from mmlle.datasets import PassSampler, SeededDataset, SeededIndex
from mmlle.media.image_io import UnreadableImageError
from mmlle.utils.errors import ImageSizeError

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


@pytest.fixture(autouse=True)
def _seeded():
    """Leave the generators of the process as they were, and begin each test at the same state."""
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(0)
    yield
    random.setstate(before[0])
    np.random.set_state(before[1])
    torch.set_rng_state(before[2])


def states():
    return random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()


class TestSeededIndex:
    def test_it_is_an_index_that_keeps_its_seed_through_the_arithmetic_of_wrappers(self):
        index = SeededIndex(13, seed=2**60)
        assert index == 13
        assert list(range(20))[index] == 13
        assert (index - 10, (index - 10).seed) == (3, 2**60)
        assert (index % 5, (index % 5).seed) == (3, 2**60)

    def test_it_is_the_same_in_another_process(self):
        again = pickle.loads(pickle.dumps(SeededIndex(13, seed=5)))
        assert (again, again.seed, type(again)) == (13, 5, SeededIndex)

    def test_the_seed_alone_decides_what_is_drawn(self, dataset):
        first = dataset[SeededIndex(2, seed=40)]
        dataset[3]
        assert dataset[SeededIndex(2, seed=40)] == first
        assert Numbers(pipeline=[draw])[SeededIndex(5, seed=40)]["drawn"] == first["drawn"]
        assert first["number"] == 2
        assert type(first["sample_idx"]) is int

    def test_every_seed_draws_something_else(self, dataset):
        drawn = [dataset[SeededIndex(2, seed)]["drawn"] for seed in [*range(20), 2**31 * 2**20 * LENGTH]]
        for generator in zip(*drawn, strict=True):
            assert len(set(generator)) == 21

    def test_the_numbers_are_those_of_earlier_versions(self, dataset):
        """A training that is resumed after an update sees the data that it would have seen."""
        sampler = PassSampler(dataset, shuffle=False, seed=3)
        sampler.set_epoch(2)
        with_seed = [dataset[index]["drawn"] for index in sampler]
        number = (3 * 2**20 + 2) * LENGTH + 1
        seeds = np.random.SeedSequence(number).generate_state(3).tolist()
        expected = (
            random.Random(seeds[0]).random(),
            np.random.RandomState(seeds[1]).rand(),
            torch.rand(1, generator=torch.Generator().manual_seed(seeds[2])).item(),
        )
        assert with_seed[1] == expected


class TestIndices:
    def test_negative_ones_count_from_the_end(self, dataset):
        assert [dataset[i]["number"] for i in range(-LENGTH, 0)] == list(range(LENGTH))
        assert dataset[-1]["sample_idx"] == LENGTH - 1
        assert dataset[np.int64(-2)]["number"] == LENGTH - 2

    @pytest.mark.parametrize("index", [LENGTH, -LENGTH - 1, 2**40])
    def test_others_are_refused_as_a_list_does(self, dataset, index):
        with pytest.raises(IndexError, match=f"no sample {index}: Numbers has {LENGTH}"):
            dataset[index]

    def test_so_it_can_be_gone_through(self, dataset):
        assert [sample["number"] for sample in dataset] == list(range(LENGTH))


class TestGenerators:
    """Of the process: what happens in a sample must not change what comes after it."""

    def test_they_are_left_as_they_were(self, dataset):
        before = states()
        dataset[SeededIndex(1, seed=7)]
        assert states() == before
        Numbers(pipeline=[draw], test_mode=True)[1]
        assert states() == before

    def test_without_a_seed_one_draw_is_taken(self, dataset):
        other = Numbers(pipeline=[lambda sample: [draw(sample) for _ in range(9)][0]])
        after = []
        for each in (dataset, other):
            np.random.seed(1)
            each[1]
            after.append(states())
        assert after[0] == after[1]

    def test_even_after_an_error(self):
        def fail(sample):
            draw(sample)
            raise RuntimeError("broken")

        dataset = Numbers(pipeline=[fail])
        before = states()
        with pytest.raises(RuntimeError, match="broken"):
            dataset[SeededIndex(1, seed=7)]
        assert states() == before


def load(dataset, sampler, passes, workers=0, persistent=False, worker_seed=True):
    """Load as MMEngine's runner does; gives (number, drawn) of each sample of each pass."""

    def init(worker_id):
        if worker_seed:
            worker_init_fn(worker_id, workers, rank=0, seed=0)

    loader = DataLoader(
        dataset, 2, sampler=sampler, num_workers=workers, collate_fn=pseudo_collate, worker_init_fn=init,
        persistent_workers=persistent, multiprocessing_context="fork" if workers else None,
    )  # fmt: skip
    if isinstance(sampler, InfiniteSampler):  # all passes are one
        batches = islice(loader, passes * len(dataset) // 2)
        return [[sample for batch in batches for sample in unbatch(batch)]]
    seen = []
    for epoch in range(passes):
        sampler.set_epoch(epoch)
        seen.append([sample for batch in loader for sample in unbatch(batch)])
    return seen


def unbatch(batch):
    return list(zip(batch["number"], zip(*batch["drawn"], strict=True), strict=True))


WRAPPERS = {
    "alone": lambda dataset: dataset,
    "RepeatDataset": lambda dataset: RepeatDataset(dataset, 3),
    "ConcatDataset": lambda dataset: ConcatDataset([dataset, Numbers(pipeline=[draw])]),
    "torch ConcatDataset": lambda dataset: torch.utils.data.ConcatDataset([dataset, dataset]),
    "nested": lambda dataset: torch.utils.data.ConcatDataset(
        [ConcatDataset([dataset, dataset]), RepeatDataset(dataset, 2)]
    ),
}


class TestEveryPassIsAnother:
    """Under any sampler, in any wrapper, however the samples are loaded: no draw comes twice."""

    @pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
    @pytest.mark.parametrize("sampler", [DefaultSampler, PassSampler])
    def test_in_wrappers(self, dataset, wrap, sampler):
        wrapped = wrap(dataset)
        samples = [s for epoch in load(wrapped, sampler(wrapped, seed=0), 3) for s in epoch]
        assert len(samples) == 3 * len(wrapped)
        for generator in zip(*(drawn for _, drawn in samples), strict=True):
            assert len(set(generator)) == len(samples)

    @pytest.mark.parametrize("sampler", [InfiniteSampler, DefaultSampler])
    @pytest.mark.parametrize("workers", [0, 2])
    def test_under_samplers_that_know_nothing_of_it(self, dataset, sampler, workers):
        passes = load(dataset, sampler(dataset, shuffle=False), 3, workers)
        drawn = [drawn for epoch in passes for _, drawn in epoch]
        assert len(drawn) == len(set(drawn)) == 3 * LENGTH

    @pytest.mark.parametrize("persistent", [False, True])
    @pytest.mark.parametrize("worker_seed", [False, True])
    def test_in_workers_that_stay_or_are_started_anew(self, dataset, persistent, worker_seed):
        sampler = DefaultSampler(dataset, shuffle=False)
        passes = load(dataset, sampler, 3, 2, persistent, worker_seed)
        drawn = [drawn for epoch in passes for _, drawn in epoch]
        assert len(set(drawn)) == 3 * LENGTH

    def test_in_another_process_of_the_training(self, dataset, monkeypatch):
        drawn = []
        for rank in (0, 1):
            monkeypatch.setattr("mmlle.datasets.seeded_dataset.get_rank", lambda rank=rank: rank)
            np.random.seed(0)
            drawn.append(dataset[0]["drawn"])
        assert drawn[0] != drawn[1]

    def test_but_a_run_can_be_repeated(self, dataset):
        runs = []
        for _ in range(2):
            np.random.seed(0)
            torch.manual_seed(0)
            runs.append(load(dataset, DefaultSampler(dataset, seed=0), 2, workers=2))
        assert runs[0] == runs[1]


def test_testing_draws_from_the_index_alone(dataset):
    tests = Numbers(pipeline=[draw], test_mode=True)
    first = [tests[i]["drawn"] for i in range(LENGTH)]
    np.random.seed(9)
    assert [tests[i]["drawn"] for i in range(-LENGTH, 0)] == first
    assert len(set(first)) == LENGTH
    assert [tests[torch.tensor(i)]["drawn"] for i in range(LENGTH)] == first


class TestPassSampler:
    @pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
    def test_workers_give_what_the_main_process_gives(self, dataset, wrap):
        wrapped = wrap(dataset)
        sampler = PassSampler(wrapped, seed=1)
        alone, helped = load(wrapped, sampler, 2), load(wrapped, sampler, 2, workers=2, persistent=True)
        assert alone == helped
        numbers = [number for number, _ in alone[0]]
        assert sorted(numbers) == sorted(list(range(LENGTH)) * (len(wrapped) // LENGTH))

    @pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
    def test_an_epoch_is_gone_on_with_where_it_was_left(self, dataset, wrap):
        wrapped = wrap(dataset)
        (whole,) = load(wrapped, PassSampler(wrapped, seed=1), 1)
        rest = PassSampler(wrapped, seed=1)
        rest.start = 4
        np.random.seed(8)  # a process of its own
        assert load(wrapped, rest, 1) == [whole[4:]]

    def test_another_seed_gives_other_data(self, dataset):
        one, other = (load(dataset, PassSampler(dataset, seed=seed), 2) for seed in (1, 2))
        assert set(dict(one[0]).values()).isdisjoint(dict(other[0]).values())


class TestReplacement:
    @pytest.mark.parametrize("error", [UnreadableImageError, ImageSizeError])
    def test_an_image_that_cannot_be_used_is_replaced_in_training_alone(self, log_lines, error):
        def refuse_two(sample):
            if sample["number"] == 2:
                raise error("Number 2 is of no use.")
            return sample

        sample = Numbers(pipeline=[refuse_two])[2]
        assert sample["number"] != 2
        assert "Number 2 is of no use. Another one takes its place." in log_lines
        with pytest.raises(error, match="of no use"):
            Numbers(pipeline=[refuse_two], test_mode=True)[2]

    def test_if_none_can_be_used_it_is_an_error(self, log_lines):
        def refuse(sample):
            raise ImageSizeError("Too small.")

        with pytest.raises(ImageSizeError, match=r"Too small\."):
            Numbers(pipeline=[refuse], max_refetch=3)[0]
        assert len(log_lines) == 3


def test_the_base_class_is_mmengines(dataset):
    assert isinstance(dataset, BaseDataset)
    assert [s["number"] for s in dataset.get_subset([4, 1])] == [4, 1]
    assert [s["number"] for s in dataset.get_subset(-2)] == [4, 5]
