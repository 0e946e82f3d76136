import numpy as np
import pytest
from mmengine.registry import DefaultScope

from mmlle.datasets import SuperResolutionDataset
from mmlle.datasets.image_folder_dataset import MissingDataError
from mmlle.media.image_io import read_image, write_image
from mmlle.registry import DATASETS
from mmlle.testing import dark_image, write_images
from mmlle.utils.errors import ImageSizeError

PIPELINE = [
    dict(type="mmlle.LoadImage", key="gt"),
    dict(type="mmlle.MakeLowResolution"),
    dict(type="mmlle.CropPair", size=5),
]


def test_a_folder_of_photographs_is_enough(tmp_path):
    write_images(tmp_path, ["a.png", "n/b.png"], size=(33, 30))
    dataset = SuperResolutionDataset(tmp_path, pipeline=PIPELINE)
    assert [dataset.get_data_info(i)["key"] for i in range(2)] == ["a", "n/b"]
    for sample in (dataset[0], dataset[1]):
        assert sample["img"].shape == (5, 5, 3)
        assert sample["gt"].shape == (20, 20, 3)


def test_the_prefix_names_a_folder_below_the_root(tmp_path):
    write_images(tmp_path / "HR", ["a.png"])
    (sample,) = SuperResolutionDataset(tmp_path, dict(gt="HR"), PIPELINE[:1])
    assert np.array_equal(sample["gt"], read_image(tmp_path / "HR/a.png"))
    assert sample["img_path"] == sample["gt_path"] == str(tmp_path / "HR/a.png")


def test_greyscale_images_have_three_channels(tmp_path):
    write_image(tmp_path / "grey.png", dark_image(24, 24)[..., 0])
    sample = SuperResolutionDataset(tmp_path, pipeline=PIPELINE)[0]
    assert sample["img"].shape == (5, 5, 3)
    assert (sample["img"][..., 0] == sample["img"][..., 2]).all()


def test_a_photograph_smaller_than_the_crop_does_not_stop_the_training(tmp_path, log_lines):
    write_images(tmp_path, ["large.png"], size=(24, 28))
    write_images(tmp_path, ["small.png"], size=(12, 14))
    dataset = SuperResolutionDataset(tmp_path, pipeline=PIPELINE)
    assert [dataset[i]["key"] for i in range(2)] == ["large", "large"]
    assert "crop of 5x5 is larger than" in log_lines[0]
    assert str(tmp_path / "small.png") in log_lines[0]


def test_in_testing_it_is_an_error_and_also_where_there_is_no_other(tmp_path, log_lines):
    write_images(tmp_path, ["small.png"], size=(12, 14))
    for options in (dict(test_mode=True), dict(max_refetch=3)):
        with pytest.raises(ImageSizeError, match=r"5x5.*small\.png.*3x3"):
            SuperResolutionDataset(tmp_path, pipeline=PIPELINE, **options)[0]


def test_it_is_built_from_a_config_and_tells_what_is_missing(tmp_path):
    config = dict(type="SuperResolutionDataset", data_root=str(tmp_path), prepare="make it")
    with (
        DefaultScope.overwrite_default_scope("mmlle"),
        pytest.raises(MissingDataError, match=r"\('gt' of SuperResolutionDataset.*holds no image.*`make it`"),
    ):
        DATASETS.build(config)
