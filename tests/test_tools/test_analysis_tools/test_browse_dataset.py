import sys
from pathlib import Path

import numpy as np
import pytest

from mmlle.datasets import SeededIndex
from mmlle.media.image_io import list_images, read_image, write_image
from mmlle.utils.errors import UserError

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import browse_dataset  # noqa: E402

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
        return str(path)

    return write


def test_ground_truth_is_beside_the_input(config, tmp_path, capsys):
    out = tmp_path / "out"
    browse_dataset.main([config(), "--split", "val", "--out-dir", str(out)])
    assert list_images(out) == [f"scene/{index}.png" for index in range(5)]
    for name in list_images(out):
        low, high = (read_image(tmp_path / "data" / side / name) for side in ("low", "high"))
        np.testing.assert_array_equal(read_image(out / name), np.concatenate([low, high], axis=1))
    printed = capsys.readouterr()
    assert "5/5" in printed.err
    assert printed.out == f"5 pictures in {out}\n"


def test_augmentation_is_that_of_the_first_epoch(config, tmp_path):
    from mmengine.config import Config
    from mmengine.registry import DATASETS, DefaultScope

    path = config()
    browse_dataset.main([path, "--num", "3", "--out-dir", str(tmp_path / "out")])
    names = list_images(tmp_path / "out")
    assert len(names) == 3

    with DefaultScope.overwrite_default_scope("mmlle"):
        dataset = DATASETS.build(Config.fromfile(path).train_dataloader.dataset)
    for name in names:
        position = int(Path(name).stem)
        number = 3 * 2**20  # seed 3, epoch 0, see PassSampler
        index = SeededIndex(position, number * len(dataset) + position)
        expected = dataset[index]["inputs"].permute(1, 2, 0).numpy()
        np.testing.assert_array_equal(read_image(tmp_path / "out" / name), expected)
        assert not np.array_equal(dataset[position]["inputs"].permute(1, 2, 0).numpy(), expected)


def test_several_inputs_are_side_by_side(config, tmp_path):
    browse_dataset.main(
        [config(keys='["img", "gt"]'), "--split", "val", "--num", "1", "--out-dir", str(tmp_path / "out")]
    )
    low, high = (read_image(tmp_path / "data" / side / "scene/0.png") for side in ("low", "high"))
    # Ground truth that is an input is in the data sample as well.
    np.testing.assert_array_equal(
        read_image(tmp_path / "out/scene/0.png"), np.concatenate([low, high, high], axis=1)
    )


@pytest.mark.parametrize(
    ("meta", "options", "message"),
    [
        ("[]", [], "meta_keys="),
        ('["key"]', ["--split", "test"], "has no test_dataloader"),
        ('["key"]', ["--num", "0"], "at least 1"),
        ('["key"]', ["--cfg-options", "train_dataloader.dataset.data_root=absent"], "does not exist"),
    ],
)
def test_what_is_wrong_is_said(config, tmp_path, monkeypatch, meta, options, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=message):
        browse_dataset.main([config(meta=meta), *options])
    assert not Path("outputs").exists()
