"""MMagic's data set, transforms and data preprocessor feed our models; our data sets feed MMagic's."""

import numpy as np
import pytest
import torch
from mmagic.datasets import BasicImageDataset
from mmengine.dataset import pseudo_collate
from mmengine.optim import OptimWrapper
from mmengine.registry import DATASETS, DefaultScope
from mmengine.registry import MODELS as ROOT_MODELS
from torch.utils.data import DataLoader

from mmlle.media.image_io import read_image, write_image
from mmlle.testing.models import tiny_enhancenet, tiny_zero_dce
from mmlle.utils import register_all_modules

#: As a user of MMagic writes it, to give RGB in [0, 1].
PREPROCESSOR = dict(
    type="mmagic.DataPreprocessor", mean=[0.0] * 3, std=[255.0] * 3, output_channel_order="RGB"
)
LOAD = [dict(type="mmagic.LoadImageFromFile", key=key) for key in ("img", "gt")]


@pytest.fixture(autouse=True)
def _scope():
    register_all_modules(init_default_scope=False)


def scoped(config):
    """A tiny model's config for another default scope."""
    if isinstance(config, dict):
        return {
            key: f"mmlle.{value}" if key == "type" and "." not in value else scoped(value)
            for key, value in config.items()
        }
    return config


@pytest.fixture
def build(tmp_path):
    """A model with MMagic's preprocessor or ours, and batches of MMagic's data set, under MMagic's scope."""

    def build(model, scale=1, gt=True, preprocessor=PREPROCESSOR):
        rng = np.random.default_rng(0)
        for name in "ab":
            for folder, factor in (("low", 1), ("high", scale)):
                image = rng.integers(0, 256, (16 * factor, 20 * factor, 3), np.uint8)
                write_image(tmp_path / folder / f"{name}.png", image)
        keys = ("img", "gt") if gt else ("img",)
        prefix = dict(img="low", gt="high") if gt else dict(img="low")
        dataset = dict(
            type="BasicImageDataset",
            data_root=str(tmp_path),
            data_prefix=prefix,
            pipeline=[*LOAD[: len(keys)], dict(type="PackInputs", meta_keys=["key"])],
        )
        with DefaultScope.overwrite_default_scope("mmagic"):
            torch.manual_seed(0)
            model = ROOT_MODELS.build(dict(scoped(model), data_preprocessor=preprocessor))
            dataset = DATASETS.build(dataset)
        assert isinstance(dataset, BasicImageDataset)
        return model, DataLoader(dataset, 2, collate_fn=pseudo_collate)

    return build


@pytest.mark.parametrize(
    ("config", "scale", "gt"),
    [(tiny_zero_dce(), 1, False), (tiny_zero_dce(), 1, True), (tiny_enhancenet(), 4, True)],
    ids=["without ground truth", "with ground truth it does not need", "supervised"],
)
class TestMMagicsPreprocessor:
    def test_the_losses_are_those_of_our_own(self, build, config, scale, gt):
        losses = []
        for preprocessor in (PREPROCESSOR, None):
            model, loader = build(config, scale, gt, preprocessor)
            (batch,) = loader
            data = model.data_preprocessor(batch, training=True)
            losses.append(model(**data, mode="loss"))
        assert losses[0].keys() == losses[1].keys()
        for name in losses[0]:
            torch.testing.assert_close(losses[0][name], losses[1][name], rtol=0, atol=0)

    def test_it_trains(self, build, config, scale, gt):
        model, loader = build(config, scale, gt)
        before = {name: weight.clone() for name, weight in model.named_parameters()}
        (batch,) = loader
        model.train_step(batch, OptimWrapper(torch.optim.SGD(model.parameters(), lr=1e-2)))
        assert any(not torch.equal(weight, before[name]) for name, weight in model.named_parameters())

    def test_predictions_are_those_of_our_own_in_the_files_order_and_range(
        self, build, config, scale, gt, tmp_path
    ):
        predictions = []
        for preprocessor in (PREPROCESSOR, None):
            model, loader = build(config, scale, gt, preprocessor)
            (batch,) = loader
            predictions.append(model.val_step(batch))
        for theirs, ours in zip(*predictions, strict=True):
            assert theirs.key == ours.key
            assert theirs.output.pred_img.shape == (3, 16 * scale, 20 * scale)
            assert 1 < theirs.output.pred_img.max() <= 255
            torch.testing.assert_close(theirs.output.pred_img, ours.output.pred_img, rtol=0, atol=0)
            # OpenCV's order and range, as the file is read.
            image = read_image(tmp_path / "low" / f"{theirs.key}.png")
            np.testing.assert_allclose(theirs.input.permute(1, 2, 0), image, atol=1e-4)
            if gt:
                truth = read_image(tmp_path / "high" / f"{theirs.key}.png")
                np.testing.assert_array_equal(theirs.gt_img.permute(1, 2, 0), truth)
