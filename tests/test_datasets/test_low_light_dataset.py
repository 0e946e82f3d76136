import shutil
from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import DefaultScope

from mmlle.datasets import LowLightDataset, SeededIndex
from mmlle.datasets.image_folder_dataset import MissingDataError
from mmlle.media.image_io import UnreadableImageError, read_image
from mmlle.registry import DATASETS
from mmlle.testing import write_images
from mmlle.utils.errors import UserError

LOAD = [dict(type="mmlle.LoadImage", key="img"), dict(type="mmlle.LoadImage", key="gt")]


def keys(dataset):
    return [dataset.get_data_info(i)["key"] for i in range(len(dataset))]


def truncate(path):
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[: len(content) // 2])


class TestFolder:
    def test_nested_and_of_every_type_in_the_order_of_their_names(self, tmp_path):
        names = ["b/10.png", "b/2.PNG", "a.jpg", "z.tif", "b/c/x.webp", "b/c/y.bmp", "m.JPEG"]
        write_images(tmp_path, names)
        (tmp_path / "readme.txt").write_text("not an image")
        shutil.copy(tmp_path / "a.jpg", tmp_path / ".hidden.jpg")
        dataset = LowLightDataset(tmp_path, pipeline=LOAD, test_mode=True)
        assert keys(dataset) == ["a", "b/10", "b/2", "b/c/x", "b/c/y", "m", "z"]
        for index in range(7):
            sample = dataset[index]
            assert Path(sample["img_path"]).is_relative_to(tmp_path)
            assert np.array_equal(sample["img"], read_image(sample["img_path"]))
            assert "gt_path" not in sample
            assert "gt" not in sample

    def test_excluded_folders(self, tmp_path):
        write_images(tmp_path, ["001/1.png", "001/2.png", "002/1.png", "0011/1.png"])
        assert keys(LowLightDataset(tmp_path, exclude=["001"])) == ["0011/1", "002/1"]
        with pytest.raises(MissingDataError, match="holds no image that is not excluded"):
            LowLightDataset(tmp_path, exclude=["001", "0011", "002"])

    def test_the_prefix_names_a_folder_below_the_root(self, tmp_path):
        write_images(tmp_path / "low", ["a.png"])
        write_images(tmp_path / "other", ["b.png"])
        assert keys(LowLightDataset(str(tmp_path), dict(img="low"))) == ["a"]

    def test_images_of_one_name_and_two_types_keep_their_endings(self, tmp_path):
        write_images(tmp_path, ["a.jpg", "a.png", "b.png", "c/a.png"])
        assert keys(LowLightDataset(tmp_path)) == ["a.jpg", "a.png", "b", "c/a"]

    def test_names_with_dots(self, tmp_path):
        write_images(tmp_path, ["v1.2/a.b.png", "v1.2/a.c.png"])
        assert keys(LowLightDataset(tmp_path)) == ["v1.2/a.b", "v1.2/a.c"]

    def test_it_is_looked_at_late_if_asked_to(self, tmp_path):
        dataset = LowLightDataset(tmp_path / "later", lazy_init=True)
        write_images(tmp_path / "later", ["a.png"])
        assert len(dataset) == 1

    def test_it_is_built_from_a_config(self, tmp_path):
        write_images(tmp_path, ["a.png"])
        config = dict(type="LowLightDataset", data_root=str(tmp_path), pipeline=[dict(type="LoadImage")])
        with DefaultScope.overwrite_default_scope("mmlle"):
            dataset = DATASETS.build(config)
        assert dataset[0]["img"].shape == (32, 32, 3)
        assert dataset.metainfo["dataset_type"] == "low_light"


class TestGroundTruth:
    def test_it_has_the_same_name_and_any_ending(self, tmp_path):
        write_images(tmp_path / "low", ["a.png", "n/b.jpg"])
        write_images(tmp_path / "high", ["a.JPG", "n/b.bmp", "spare.png"])
        dataset = LowLightDataset(tmp_path, dict(img="low", gt="high"), LOAD, test_mode=True)
        pairs = [dataset.get_data_info(i)["gt_path"] for i in range(2)]
        assert pairs == [str(tmp_path / "high/a.JPG"), str(tmp_path / "high/n/b.bmp")]
        assert np.array_equal(dataset[1]["gt"], read_image(tmp_path / "high/n/b.bmp"))

    def test_of_one_name_and_two_types_each_has_its_own(self, tmp_path):
        write_images(tmp_path / "low", ["a.jpg", "a.png", "b.png"])
        write_images(tmp_path / "high", ["a.jpg", "a.png", "b.webp"])
        dataset = LowLightDataset(tmp_path, dict(img="low", gt="high"))
        pairs = [Path(dataset.get_data_info(i)["gt_path"]).name for i in range(3)]
        assert pairs == ["a.jpg", "a.png", "b.webp"]

    def test_what_lacks_it_is_named(self, tmp_path):
        write_images(tmp_path / "low", [f"{i}.png" for i in range(8)])
        write_images(tmp_path / "high", ["3.png"])
        with pytest.raises(MissingDataError) as error:
            LowLightDataset(tmp_path, dict(img="low", gt="high"))
        message = str(error.value)
        assert "7 of the 8 images" in message
        assert str(tmp_path / "low") in message
        assert str(tmp_path / "high") in message
        assert "0.png, 1.png, 2.png, 4.png, 5.png, ...." in message
        assert "data_prefix.gt=None" in message

    def test_none_means_none(self, tmp_path):
        write_images(tmp_path / "low", ["a.png"])
        dataset = LowLightDataset(tmp_path, dict(img="low", gt=None), LOAD)
        assert set(dataset[0]) >= {"img", "key"}
        assert "gt" not in dataset[0]


class TestIndices:
    @pytest.mark.parametrize(
        ("indices", "expected"),
        [(2, "ab"), (-1, "d"), (None, "abcd"), (9, "abcd"), ([3, 1], "db"), ((0,), "a")],
    )
    def test_the_first_or_the_last_or_those_that_are_listed_are_taken(self, tmp_path, indices, expected):
        write_images(tmp_path, ["a.png", "b.png", "c.png", "d.png"])
        assert keys(LowLightDataset(tmp_path, indices=indices)) == list(expected)


class TestMissing:
    def test_an_absent_folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(MissingDataError) as error:
            LowLightDataset("data/LOL", dict(img="low"), prepare="python tools/prepare.py ARCHIVE")
        message = str(error.value)
        assert f"The folder data/LOL/low ('img' of LowLightDataset, looked for from {tmp_path})" in message
        assert "does not exist" in message
        assert "Make it with `python tools/prepare.py ARCHIVE`" in message
        assert "data_root and data_prefix" in message

    def test_a_folder_without_images(self, tmp_path):
        (tmp_path / "notes.txt").touch()
        with pytest.raises(
            MissingDataError,
            match=r"holds no image",
        ):
            LowLightDataset(tmp_path)

    def test_an_absent_folder_of_ground_truth(self, tmp_path):
        write_images(tmp_path / "low", ["a.png"])
        with pytest.raises(MissingDataError, match=r"high \('gt' of LowLightDataset.*does not exist"):
            LowLightDataset(tmp_path, dict(img="low", gt="high"))


class TestUnreadable:
    def test_in_training_another_one_takes_its_place_and_the_log_names_it(self, tmp_path, log_lines):
        write_images(tmp_path, ["a.png", "b.png", "c.png"])
        truncate(tmp_path / "b.png")
        dataset = LowLightDataset(tmp_path, pipeline=LOAD)
        assert dataset[0]["key"] == "a"
        assert not log_lines
        sample = dataset[1]
        assert sample["key"] in ("a", "c")
        assert np.array_equal(sample["img"], read_image(tmp_path / f"{sample['key']}.png"))
        assert log_lines
        assert all(str(tmp_path / "b.png") in line for line in log_lines)
        assert "Another one takes its place" in log_lines[0]

    def test_the_replacement_is_repeatable(self, tmp_path):
        write_images(tmp_path, [f"{i}.png" for i in range(9)])
        truncate(tmp_path / "4.png")
        first, again = (LowLightDataset(tmp_path, pipeline=LOAD) for _ in range(2))
        replacements = [first[SeededIndex(4, i)]["key"] for i in range(20)]
        assert [again[SeededIndex(4, i)]["key"] for i in reversed(range(20))] == replacements[::-1]
        assert len(set(replacements)) > 3

    def test_an_unreadable_ground_truth_counts_too(self, tmp_path, log_lines):
        write_images(tmp_path / "low", ["a.png", "b.png"])
        write_images(tmp_path / "high", ["a.png", "b.png"])
        truncate(tmp_path / "high/a.png")
        dataset = LowLightDataset(tmp_path, dict(img="low", gt="high"), LOAD)
        assert dataset[0]["key"] == "b"
        assert str(tmp_path / "high/a.png") in log_lines[0]

    def test_in_testing_it_is_an_error_that_names_it(self, tmp_path):
        write_images(tmp_path, ["a.png", "b.png"])
        truncate(tmp_path / "b.png")
        dataset = LowLightDataset(tmp_path, pipeline=LOAD, test_mode=True)
        assert dataset[0]["key"] == "a"
        with pytest.raises(UnreadableImageError, match=r"Cannot read the image .*b\.png"):
            dataset[1]

    def test_a_set_of_nothing_else_ends_with_an_error(self, tmp_path, log_lines):
        write_images(tmp_path, ["a.png", "b.png"])
        truncate(tmp_path / "a.png")
        truncate(tmp_path / "b.png")
        dataset = LowLightDataset(tmp_path, pipeline=LOAD, max_refetch=5)
        with pytest.raises(UnreadableImageError):
            dataset[0]
        assert len(log_lines) == 5

    def test_an_error_of_another_kind_is_not_swallowed(self, tmp_path):
        def broken(sample):
            raise ValueError("a fault in the pipeline")

        write_images(tmp_path, ["a.png"])
        dataset = LowLightDataset(tmp_path, pipeline=[broken])
        with pytest.raises(ValueError, match="a fault in the pipeline"):
            dataset[0]


def test_a_folder_that_vanishes_is_told_at_once(tmp_path, log_lines):
    write_images(tmp_path / "low", ["a.png", "b.png"], size=(8, 8))
    dataset = LowLightDataset(
        data_root=tmp_path,
        data_prefix=dict(img="low", gt=None),
        pipeline=[dict(type="mmlle.LoadImage", key="img")],
    )
    shutil.rmtree(tmp_path / "low")
    with pytest.raises(UserError, match=rf"^The folder {tmp_path}/low of the images is gone"):
        dataset[0]
    assert not log_lines
