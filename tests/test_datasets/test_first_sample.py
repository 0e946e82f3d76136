import numpy as np
import pytest
import torch
from mmengine.dataset import ConcatDataset

from mmlle.datasets import LowLightDataset
from mmlle.datasets.first_sample import PipelineError, try_first_sample
from mmlle.testing import write_images


@pytest.fixture
def dataset(tmp_path):
    write_images(tmp_path, ["a.png", "b.png"], size=(20, 30))

    def build(*steps):
        return LowLightDataset(
            data_root=tmp_path,
            data_prefix=dict(img=""),
            pipeline=[dict(type="mmlle.LoadImage", key="img"), *steps],
        )

    return build


class Crop:
    def __init__(self, *size):
        self.keys, self.crop_size = ["img"], size

    def __call__(self, results):
        return results


def fail(results):
    raise KeyError("img2")


def test_a_pipeline_that_fits(dataset):
    built = dataset(Crop(20, 30))
    steps, state = built.pipeline, (np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())
    try_first_sample(built, "data")
    assert built.pipeline is steps
    assert state == (np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())


@pytest.mark.parametrize("size", [(21, 30), (20, 31)])
def test_a_crop_larger_than_the_image(dataset, size):
    with pytest.raises(
        PipelineError, match=r"^data\.pipeline\.1 \(Crop\) cuts .*a\.png, which has 20x30 there"
    ):
        try_first_sample(dataset(Crop(*size)), "data")


def test_a_step_that_fails_within_other_data_sets(dataset):
    whole = ConcatDataset([dataset(), dataset(fail)])
    with pytest.raises(PipelineError, match=r"^data\.datasets\.1\.pipeline\.1 .*KeyError: 'img2'"):
        try_first_sample(whole, "data")


def test_an_image_that_cannot_be_read_is_left_to_the_training(dataset, tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    try_first_sample(dataset(fail), "data")


def test_data_sets_of_others_pass():
    try_first_sample([dict(img=1)], "data")
