import hashlib

import numpy as np
import pytest
import torch

from mmlle.evaluation.quality import ModelSource, ResultSource, Unchanged, open_source
from mmlle.media.image_io import write_image
from mmlle.utils.errors import UserError

IMAGE = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)

CONFIG = """
default_scope = "mmlle"
model = dict(
    type="SGZ",
    generator=dict(type="EFENet", width=2),
    spatial_loss=dict(type="SpatialConsistencyLoss"),
    color_loss=dict(type="ColorConstancyLoss"),
    exposure_loss=dict(type="ExposureControlLoss"),
    smoothness_loss=dict(type="IlluminationSmoothnessLoss"),
)
"""


def test_results_of_a_folder_by_set_and_name(tmp_path):
    write_image(tmp_path / "other/A/one.bmp", IMAGE)
    source = open_source(str(tmp_path / "other"))
    assert isinstance(source, ResultSource)
    assert source.label == "other"
    assert np.array_equal(source.enhance("A", "one", np.zeros_like(IMAGE)), IMAGE)
    with pytest.raises(UserError, match="no result B/one"):
        source.enhance("B", "one", IMAGE)
    with pytest.raises(UserError, match=r"is 12x16 .* 12x15: they must be equal"):
        source.enhance("A", "one", IMAGE[:, 1:])


def test_a_folder_without_results(tmp_path):
    with pytest.raises(UserError, match="no results below"):
        open_source(str(tmp_path))


def test_the_input_itself():
    source = open_source("input")
    assert isinstance(source, Unchanged)
    assert source.enhance("A", "one", IMAGE) is IMAGE


def test_a_config_with_a_checkpoint(tmp_path):
    from mmengine.config import Config

    from mmlle.registry import MODELS

    config, weights = tmp_path / "tiny.py", tmp_path / "tiny_weights.pth"
    config.write_text(CONFIG)
    settings = Config.fromfile(config)
    model = MODELS.build(settings.model | dict(_scope_="mmlle"))
    torch.save(model.state_dict(), weights)
    source = open_source(f"{config}:{weights}")
    assert isinstance(source, ModelSource)
    assert source.label == "tiny_weights"
    assert source.describe()["sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    expected = model.eval()(torch.from_numpy(IMAGE[..., ::-1].copy()).permute(2, 0, 1)[None] / 255)
    enhanced = source.enhance("A", "one", IMAGE)
    assert np.abs(enhanced[..., ::-1] - 255 * expected[0].permute(1, 2, 0).detach().numpy()).max() < 0.51


def test_what_is_neither():
    with pytest.raises(UserError, match="no model 'nothing'"):
        open_source("nothing")
