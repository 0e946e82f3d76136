import itertools
from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import DefaultScope

from mmlle.datasets import MultiExposureDataset, PassSampler, SeededIndex
from mmlle.datasets.image_folder_dataset import MissingDataError
from mmlle.media.image_io import UnreadableImageError, read_image, write_image
from mmlle.registry import DATASETS
from mmlle.testing import write_images

CROP = dict(type="mmagic.FixedCrop", keys=["img", "img2"], crop_size=(16, 12))
FLIP = dict(type="mmagic.Flip", keys=["img", "img2"], flip_ratio=0.5, direction="horizontal")


def grey(path, level, size=(20, 24)):
    write_image(path, np.full((*size, 3), level, np.uint8))


@pytest.fixture
def root(tmp_path):
    """Three scenes of three, two and four frames; each frame's grey level is its own."""
    levels = itertools.count(10, 10)
    for scene, names in dict(a="1.png 2.png x.png", b="one.bmp two.png", c="0.png 1.png 2.png 3.png").items():
        for name in names.split():
            grey(tmp_path / "data" / scene / name, next(levels))
    return tmp_path / "data"


def drawn_pairs(dataset, index, times=60):
    """Names of the frames drawn for a scene in many passes over the data."""
    samples = [dataset[SeededIndex(index, number)] for number in range(times)]
    return {(Path(sample["img_path"]).name, Path(sample["img2_path"]).name) for sample in samples}


class TestScenes:
    def test_every_folder_is_one_whatever_its_number_of_frames(self, root):
        dataset = MultiExposureDataset(root)
        assert len(dataset) == 3
        assert [dataset[index]["key"] for index in range(3)] == ["a", "b", "c"]

    def test_scenes_may_lie_deeper(self, root):
        root.rename(root.with_name("deep"))
        assert MultiExposureDataset(root.parent)[0]["key"] == "deep/a"

    def test_those_held_out_are_not_there(self, root):
        dataset = MultiExposureDataset(root, exclude=["b"])
        assert [dataset[index]["key"] for index in range(2)] == ["a", "c"]

    def test_it_is_built_from_a_config(self, root):
        with DefaultScope.overwrite_default_scope("mmlle"):
            dataset = DATASETS.build(dict(type="MultiExposureDataset", data_root=str(root)))
        assert dataset.metainfo["dataset_type"] == "multi_exposure"

    def test_it_is_looked_at_late_if_asked_to(self, tmp_path):
        dataset = MultiExposureDataset(tmp_path / "later", lazy_init=True)
        write_images(tmp_path / "later/scene", ["a.png", "b.png"])
        assert len(dataset) == 1


class TestPairs:
    def test_the_two_frames_differ_and_all_pairs_are_drawn_in_both_orders(self, root):
        dataset = MultiExposureDataset(root)
        frames = ["1.png", "2.png", "x.png"]
        assert drawn_pairs(dataset, 0) == set(itertools.permutations(frames, 2))
        assert drawn_pairs(dataset, 1) == {("one.bmp", "two.png"), ("two.png", "one.bmp")}

    def test_the_images_are_those_of_the_files(self, root):
        sample = MultiExposureDataset(root)[2]
        for name in ("img", "img2"):
            assert np.array_equal(sample[name], read_image(sample[f"{name}_path"]))

    def test_they_depend_on_the_seed_alone(self, root):
        one, other = MultiExposureDataset(root), MultiExposureDataset(root)
        other[1]  # what was drawn before does not matter
        for index in (SeededIndex(2, seed) for seed in range(4)):
            assert one[index]["img_path"] == other[index]["img_path"]
            assert one[index]["img2_path"] == other[index]["img2_path"]

    # The frames' levels: a 10 20 30, b 40 50, c 60 70 80 90.
    def test_of_a_range_of_luma(self, root):
        dataset = MultiExposureDataset(root, luma_range=(15, 70))
        assert drawn_pairs(dataset, 0) == {("2.png", "x.png"), ("x.png", "2.png")}
        assert drawn_pairs(dataset, 2) == {("0.png", "1.png"), ("1.png", "0.png")}

    def test_of_a_gap_in_luma(self, root):
        dataset = MultiExposureDataset(root, min_luma_gap=15)
        assert len(dataset) == 2  # the two frames of b are 10 apart
        assert drawn_pairs(dataset, 0) == {("1.png", "x.png"), ("x.png", "1.png")}
        assert ("0.png", "2.png") in drawn_pairs(dataset, 1)
        assert ("0.png", "1.png") not in drawn_pairs(dataset, 1)

    @pytest.mark.parametrize("cached", [False, True])
    def test_both_get_the_same_crop_and_the_same_flip(self, tmp_path, cached):
        # The second frame is the first one, brighter by 100: their crops must differ by that everywhere.
        frame = np.random.default_rng(0).integers(0, 100, (40, 50, 3), dtype=np.uint8)
        write_image(tmp_path / "data/s/0.png", frame)
        write_image(tmp_path / "data/s/1.png", frame + 100)
        cache = str(tmp_path / "cache") if cached else None
        dataset = MultiExposureDataset(tmp_path / "data", [CROP, FLIP], cache_dir=cache)
        seen = set()
        for seed in range(40):
            sample = dataset[SeededIndex(0, seed)]
            dark, bright = sorted((sample["img"], sample["img2"]), key=np.mean)
            assert dark.shape == (16, 12, 3)
            assert np.array_equal(dark.astype(int) + 100, bright)
            seen.add((tuple(sample["img_crop_bbox"][:2]), sample["flip_infos"][0]["flip"]))
        assert len({position for position, _ in seen}) > 30
        assert {flip for _, flip in seen} == {False, True}
        # Flipping in place reached no file.
        assert np.array_equal(dataset[SeededIndex(0, 1)]["img"], dataset[SeededIndex(0, 1)]["img"])

    def test_a_cache_changes_nothing_but_the_speed(self, root, tmp_path):
        plain = MultiExposureDataset(root, [CROP, FLIP], luma_range=(15, 85))
        cached = MultiExposureDataset(root, [CROP, FLIP], luma_range=(15, 85), cache_dir=tmp_path / "cache")
        assert len(plain) == len(cached) == 3
        for index in (SeededIndex(seed % 3, seed) for seed in range(12)):
            one, other = plain[index], cached[index]
            assert one["img_path"] == other["img_path"]
            assert np.array_equal(one["img"], other["img"])
            assert np.array_equal(one["img2"], other["img2"])


class TestSeveralRoots:
    """Scenes of two data sets together, each with settings of its own, such as LOL and SICE."""

    @pytest.fixture
    def both(self, root, tmp_path):
        for scene in "de":
            for name, level in (("1.png", 20), ("2.png", 200), ("3.png", 60)):
                grey(tmp_path / "other" / scene / name, level)
        scenes = dict(type="MultiExposureDataset", pipeline=[CROP])
        config = dict(
            type="ConcatDataset",
            datasets=[
                dict(scenes, data_root=str(root), cache_dir=str(tmp_path / "cache")),
                dict(scenes, data_root=str(tmp_path / "other"), luma_range=(15, 90)),
            ],
        )
        with DefaultScope.overwrite_default_scope("mmlle"):
            return DATASETS.build(config)

    def test_a_pass_goes_through_all_of_them(self, both):
        sampler = PassSampler(both, seed=0)
        epochs = []
        for epoch in range(6):
            sampler.set_epoch(epoch)
            epochs.append({sample["key"]: sample for sample in map(both.__getitem__, sampler)})
        assert [set(epoch) for epoch in epochs] == [set("abcde")] * 6
        assert len({epoch["c"]["img_path"] for epoch in epochs}) > 2
        # The settings are those of each root.
        assert {Path(epoch["d"]["img_path"]).name for epoch in epochs} == {"1.png", "3.png"}

    def test_it_is_repeatable(self, both):
        runs = [[both[index]["img_path"] for index in PassSampler(both, seed=0)] for _ in range(2)]
        assert runs[0] == runs[1]


class TestBadData:
    def test_a_missing_or_empty_folder(self, tmp_path):
        with pytest.raises(MissingDataError, match=r"nowhere .*does not exist.*`make it`.*data_root"):
            MultiExposureDataset(tmp_path / "nowhere", prepare="make it")
        with pytest.raises(MissingDataError, match="holds no image.*<scene>/<image>"):
            MultiExposureDataset(tmp_path)

    def test_a_scene_with_a_single_frame_is_named(self, root, log_lines):
        grey(root / "lonely/1.png", 50)
        dataset = MultiExposureDataset(root)
        assert len(dataset) == 3
        assert "1 of the 4 scenes" in "".join(log_lines)
        assert "lonely (fewer than two usable frames: 1 of 1)" in "".join(log_lines)

    def test_a_scene_of_frames_of_different_sizes_is_named(self, root, log_lines):
        grey(root / "mixed/1.png", 50)
        grey(root / "mixed/2.png", 60, size=(24, 20))
        assert len(MultiExposureDataset(root)) == 3
        assert "mixed (frames of different sizes, height x width: 1.png 20x24, 2.png 24x20)" in "".join(
            log_lines
        )

    def test_too_few_frames_of_the_range_are_told(self, root, log_lines):
        assert len(MultiExposureDataset(root, luma_range=(35, 75))) == 2
        assert "a (fewer than two usable frames, of mean luma 35 to 75: 0 of 3)" in "".join(log_lines)

    def test_no_usable_scene_at_all(self, root):
        with pytest.raises(MissingDataError, match=r"no scene.*\ba \("):
            MultiExposureDataset(root, min_luma_gap=200)

    @pytest.mark.parametrize("cached", [False, True])
    def test_what_is_no_image_is_named_and_its_scene_goes_on(self, root, tmp_path, log_lines, cached):
        (root / "a/2.png").write_bytes(b"no image")
        cache = str(tmp_path / "cache") if cached else None
        dataset = MultiExposureDataset(root, cache_dir=cache)
        assert drawn_pairs(dataset, 0) == {("1.png", "x.png"), ("x.png", "1.png")}
        assert "a/2.png" in "".join(log_lines)

    def test_a_frame_cut_short_is_named_when_it_is_met_and_another_scene_takes_the_place(
        self, root, log_lines
    ):
        (root / "b/two.png").unlink()
        write_images(root / "b", ["two.jpg"], size=(20, 24))
        content = (root / "b/two.jpg").read_bytes()
        (root / "b/two.jpg").write_bytes(content[:-30])
        dataset = MultiExposureDataset(root, exclude=["c"])
        assert {dataset[1]["key"] for _ in range(3)} == {"a"}
        assert "b/two.jpg" in "".join(log_lines)

    def test_a_frame_that_vanishes_is_met_the_same_way(self, root, tmp_path):
        dataset = MultiExposureDataset(root, exclude=["c"], max_refetch=0, cache_dir=tmp_path / "cache")
        (root / "b/two.png").unlink()
        with pytest.raises(UnreadableImageError, match=r"two\.png"):
            dataset[1]
