from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import DefaultScope
from torch.utils.data import DataLoader

from mmlle.datasets import PassSampler, SeededIndex, UnpairedLowLightDataset
from mmlle.datasets.image_folder_dataset import MissingDataError
from mmlle.media.image_io import UnreadableImageError
from mmlle.registry import DATASETS
from mmlle.testing import write_images

LOAD = [dict(type="mmlle.LoadImage", key="img"), dict(type="mmlle.LoadImage", key="normal")]


@pytest.fixture
def folder(tmp_path):
    write_images(tmp_path / "low", [f"{i}.png" for i in range(5)], size=(20, 30))
    write_images(tmp_path / "normal", [f"deeper/n{i}.jpg" for i in range(3)], size=(40, 24))
    return tmp_path


def pair(sample):
    return Path(sample["img_path"]).stem, Path(sample["normal_path"]).stem


def pairs(dataset, epoch=0):
    size = len(dataset)
    return [pair(dataset[SeededIndex(index, epoch * size + index)]) for index in range(size)]


class TestPairs:
    def test_an_epoch_goes_through_the_larger_set(self, folder):
        dataset = UnpairedLowLightDataset(folder)
        assert len(dataset) == 5
        assert [low for low, _ in pairs(dataset)] == list("01234")
        assert {normal for _, normal in pairs(dataset)} <= {"n0", "n1", "n2"}

    def test_also_if_it_is_the_well_lit_one(self, folder):
        dataset = UnpairedLowLightDataset(folder, dict(img="normal", normal="low"))
        assert len(dataset) == 5
        assert [normal for _, normal in pairs(dataset)] == list("01234")
        assert {low for low, _ in pairs(dataset)} <= {"n0", "n1", "n2"}

    def test_they_differ_from_epoch_to_epoch_and_are_the_same_again(self, folder):
        first, again = UnpairedLowLightDataset(folder), UnpairedLowLightDataset(folder)
        epochs = [pairs(first, epoch) for epoch in range(6)]
        assert len({tuple(epoch) for epoch in epochs}) > 3  # of 243 that there can be
        assert [pairs(again, epoch) for epoch in reversed(range(6))] == epochs[::-1]

    def test_all_of_the_other_set_are_drawn_equally_often(self, folder):
        dataset = UnpairedLowLightDataset(folder)
        drawn = Counter(normal for epoch in range(120) for _, normal in pairs(dataset, epoch))
        assert set(drawn) == {"n0", "n1", "n2"}
        assert all(160 < count < 240 for count in drawn.values())

    def test_in_testing_they_are_always_the_same(self, folder):
        dataset = UnpairedLowLightDataset(folder, test_mode=True)
        assert len({tuple(map(pair, dataset)) for _ in range(4)}) == 1

    def test_indices_choose_among_the_larger_set(self, folder):
        dataset = UnpairedLowLightDataset(folder, indices=[4, 0])
        assert [low for low, _ in pairs(dataset)] == ["4", "0"]
        assert len({normal for epoch in range(9) for _, normal in pairs(dataset, epoch)}) == 3

    def test_a_sample_has_its_name_and_both_images(self, folder):
        sample = UnpairedLowLightDataset(folder, pipeline=LOAD)[1]
        assert sample["key"] == "1"
        assert sample["img"].shape == (20, 30, 3)
        assert sample["normal"].shape == (40, 24, 3)

    def test_images_of_one_name_and_two_types_keep_their_endings_apart(self, folder):
        write_images(folder / "low", ["1.jpg"])
        dataset = UnpairedLowLightDataset(folder)
        assert {dataset[i]["img_path"] for i in range(6)} >= {
            str(folder / "low/1.png"),
            str(folder / "low/1.jpg"),
        }

    def test_it_is_built_from_a_config(self, folder):
        config = dict(type="UnpairedLowLightDataset", data_root=str(folder), pipeline=LOAD)
        with DefaultScope.overwrite_default_scope("mmlle"):
            dataset = DATASETS.build(config)
        assert dataset.metainfo["dataset_type"] == "unpaired_low_light"


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_and_ranks_draw_the_same_pairs(folder, monkeypatch, workers):
    dataset = UnpairedLowLightDataset(folder, pipeline=[*LOAD, lambda sample: dict(pair=pair(sample))])

    def epoch_of(rank, world_size):
        monkeypatch.setattr("mmengine.dataset.sampler.get_dist_info", lambda: (rank, world_size))
        sampler = PassSampler(dataset, seed=4)
        sampler.set_epoch(2)
        loader = DataLoader(dataset, batch_size=2, sampler=sampler, num_workers=workers)
        return [p for batch in loader for p in zip(*batch["pair"], strict=True)]

    alone = epoch_of(0, 1)
    assert {low for low, _ in alone} == set("01234")
    both = {**dict(epoch_of(0, 2)), **dict(epoch_of(1, 2))}
    assert both == dict(alone)


class TestMissing:
    @pytest.mark.parametrize("missing", ["low", "normal"])
    def test_an_absent_or_empty_folder(self, folder, missing):
        name = dict(low="img", normal="normal")[missing]
        for wrong in ("does not exist", "holds no image"):
            message = rf"{missing} \('{name}' of UnpairedLowLightDataset.*{wrong}.*`make it`"
            other = folder / wrong.replace(" ", "_")
            write_images(other / dict(low="normal", normal="low")[missing], ["a.png"])
            if wrong == "holds no image":
                (other / missing).mkdir()
            with pytest.raises(MissingDataError, match=message):
                UnpairedLowLightDataset(other, prepare="make it")

    def test_one_unreadable_image_is_replaced(self, folder, log_lines):
        (folder / "low/2.png").write_text("no image")
        dataset = UnpairedLowLightDataset(folder, pipeline=LOAD)
        assert pair(dataset[2])[0] in "0134"
        assert str(folder / "low/2.png") in log_lines[0]

    @pytest.mark.parametrize("kind", ["low", "normal/deeper"])
    def test_a_folder_of_only_unreadable_files_ends_with_an_error(self, folder, kind, log_lines):
        for path in (folder / kind).iterdir():
            path.write_text("no image")
        dataset = UnpairedLowLightDataset(folder, pipeline=LOAD, max_refetch=4)
        with pytest.raises(UnreadableImageError, match=f"Cannot read the image {folder / kind}"):
            dataset[0]
        assert len(log_lines) == 4


def test_images_are_drawn_from_numpy_s_generator_of_the_sample(folder):
    """The draw must come before anything that the pipeline draws, and from the same seed."""
    dataset = UnpairedLowLightDataset(folder, pipeline=[lambda sample: {**sample, "next": np.random.rand()}])
    drawn = [dataset[SeededIndex(3, seed)]["next"] for seed in (3, 3, 8)]
    assert drawn[0] == drawn[1] != drawn[2]
