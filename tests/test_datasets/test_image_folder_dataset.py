"""What the datasets of image folders have in common with mmengine's BaseDataset."""

import inspect

import pytest
from mmengine.dataset import BaseDataset

from mmlle.datasets import (
    LowLightDataset,
    MultiExposureDataset,
    SuperResolutionDataset,
    UnpairedLowLightDataset,
)
from mmlle.testing import write_images

DATASETS = [LowLightDataset, SuperResolutionDataset, UnpairedLowLightDataset, MultiExposureDataset]


@pytest.fixture(params=DATASETS, ids=lambda dataset: dataset.__name__)
def build(request, tmp_path):
    """Build a data set of four samples; its samples are called s0 to s3."""
    for scene in range(4):
        write_images(tmp_path / f"scenes/s{scene}", ["1.png", "2.png"])
    write_images(tmp_path / "photos", [f"s{index}.png" for index in range(4)])
    write_images(tmp_path / "other", ["x.png"])
    prefixes = {
        LowLightDataset: dict(img="photos"),
        SuperResolutionDataset: dict(gt="photos"),
        UnpairedLowLightDataset: dict(img="photos", normal="other"),
        MultiExposureDataset: dict(img="scenes"),
    }
    return lambda **options: request.param(
        **(dict(data_root=str(tmp_path), data_prefix=prefixes[request.param]) | options)
    )


def keys(dataset):
    return [sample["key"] for sample in dataset]


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_option_of_basedataset_but_the_annotation_file_is_there(dataset):
    theirs = set(inspect.signature(BaseDataset).parameters) - {"ann_file"}
    assert theirs <= set(inspect.signature(dataset).parameters)


@pytest.mark.parametrize(
    ("indices", "expected"), [(2, ["s0", "s1"]), (-1, ["s3"]), ([2, 0], ["s2", "s0"]), (None, None)]
)
@pytest.mark.parametrize("serialize_data", [True, False])
def test_indices(build, indices, expected, serialize_data):
    dataset = build(indices=indices, serialize_data=serialize_data)
    assert keys(dataset) == (expected or ["s0", "s1", "s2", "s3"])
    assert hasattr(dataset, "data_address") is serialize_data


def test_a_subset(build):
    dataset = build()
    assert keys(dataset.get_subset([3, 1])) == ["s3", "s1"]
    assert keys(dataset.get_subset(-2)) == ["s2", "s3"]
    dataset.get_subset_(1)
    assert keys(dataset) == ["s0"]


def test_a_lazy_data_set_is_read_when_it_is_needed(build, tmp_path):
    dataset = build(lazy_init=True)
    write_images(tmp_path / "photos", ["s4.png"])
    write_images(tmp_path / "scenes/s4", ["1.png", "2.png"])
    assert keys(dataset) == ["s0", "s1", "s2", "s3", "s4"]


def test_metainfo_and_test_mode(build):
    dataset = build(metainfo=dict(camera="mine"), test_mode=True)
    assert dataset.metainfo == {**type(dataset).METAINFO, "camera": "mine"}
    assert dataset.test_mode
    assert not build().test_mode


def test_the_filter_of_a_subclass_gets_its_settings(build):
    class Filtered(type(build())):
        def filter_data(self):
            return [sample for sample in self.data_list if sample["key"] not in self.filter_cfg["without"]]

    plain = build()
    options = dict(data_root=plain.data_root, data_prefix=plain.data_prefix)
    assert keys(Filtered(**options, filter_cfg=dict(without=["s1"]))) == ["s0", "s2", "s3"]


def test_a_prefix_may_be_absolute(build):
    plain = build()
    dataset = build(data_root="", data_prefix=plain.data_prefix)
    assert keys(dataset) == keys(plain)
