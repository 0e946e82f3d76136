from itertools import islice

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import DATASETS, DefaultScope

from mmlle.datasets import SeededIndex
from mmlle.datasets.sample_pictures import build_split_loader, sample_pictures
from mmlle.media.image_io import read_image, write_image
from mmlle.utils.errors import UserError

CONFIG = """
default_scope = "mmlle"
randomness = dict(seed=3)
pack = dict(type="mmagic.PackInputs", keys={keys}, meta_keys={meta})
load = [dict(type="LoadImage", key="img"), dict(type="LoadImage", key="gt")]
train_dataloader = dict(
    batch_size=2, num_workers=2, persistent_workers=True,
    sampler=dict(type="PassSampler", shuffle=True),
    dataset=dict(
        type="LowLightDataset", data_root="{root}", data_prefix=dict(img="low"),
        pipeline=[load[0], dict(type="mmagic.Crop", keys=["img"], crop_size=(8, 8)), pack],
    ),
)
val_dataloader = dict(
    batch_size=1, num_workers=0, sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="LowLightDataset", data_root="{root}", data_prefix=dict(img="low", gt="high"),
        pipeline=load + [pack], test_mode=True,
    ),
)
"""


@pytest.fixture
def config(tmp_path):
    """Write five pairs of images, whose names and pixels are their own, and a config that reads them."""
    rng = np.random.default_rng(0)
    for index in range(5):
        for side in ("low", "high"):
            image = rng.integers(0, 256, (12, 16, 3), np.uint8)
            write_image(tmp_path / "data" / side / "scene" / f"{index}.png", image)

    def write(keys='["img"]', meta='["key"]'):
        path = tmp_path / "config.py"
        path.write_text(CONFIG.format(root=tmp_path / "data", keys=keys, meta=meta))
        return Config.fromfile(path)

    return write


@pytest.fixture
def photograph(tmp_path):
    """Read an image that the config's data set holds."""
    return lambda side, name: read_image(tmp_path / "data" / side / f"{name}.png")


def test_ground_truth_is_beside_the_input(config, photograph):
    found = dict(sample_pictures(build_split_loader(config(), "val")))
    assert list(found) == [f"scene/{index}" for index in range(5)]
    for name, picture in found.items():
        pair = [photograph(side, name) for side in ("low", "high")]
        np.testing.assert_array_equal(picture, np.concatenate(pair, axis=1))


def test_augmentation_is_that_of_the_first_epoch(config):
    found = dict(islice(sample_pictures(build_split_loader(config(), "train")), 3))
    assert len(found) == 3

    with DefaultScope.overwrite_default_scope("mmlle"):
        dataset = DATASETS.build(config().train_dataloader.dataset)
    for name, picture in found.items():
        position = int(name.rpartition("/")[2])
        number = 3 * 2**20  # seed 3, epoch 0, see PassSampler
        index = SeededIndex(position, number * len(dataset) + position)
        expected = dataset[index]["inputs"].permute(1, 2, 0).numpy()
        np.testing.assert_array_equal(picture, expected)
        later = [SeededIndex(position, (number + epoch) * len(dataset) + position) for epoch in range(1, 9)]
        assert not all(
            np.array_equal(dataset[index]["inputs"].permute(1, 2, 0).numpy(), expected) for index in later
        )


def test_several_inputs_are_side_by_side(config, photograph):
    _, picture = next(sample_pictures(build_split_loader(config(keys='["img", "gt"]'), "val")))
    low, high = (photograph(side, "scene/0") for side in ("low", "high"))
    # Ground truth that is an input is in the data sample as well.
    np.testing.assert_array_equal(picture, np.concatenate([low, high, high], axis=1))


def test_what_is_wrong_is_said(config):
    with pytest.raises(UserError, match="meta_keys="):
        next(sample_pictures(build_split_loader(config(meta="[]"), "train")))
    with pytest.raises(UserError, match="has no test_dataloader"):
        build_split_loader(config(), "test")
