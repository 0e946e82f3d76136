import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from mmlle import testing
from mmlle.apis import LowLightInferencer
from mmlle.models import ZeroDCE
from mmlle.registry import MODELS
from mmlle.testing import dark_image, tiny_zero_dce
from mmlle.utils.checkpoint_io import CheckpointError
from mmlle.utils.errors import UserError


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    monkeypatch.setattr("socket.socket", lambda *args, **kwargs: pytest.fail("it asks the network"))


@pytest.mark.parametrize("method", ["global_curve", "zero_dce", "pairlie", "enlightengan", "enhancenet"])
def test_a_folder_holds_the_model(tmp_path, method):
    model = MODELS.build(getattr(testing, f"tiny_{method}")()).eval()
    model.save_pretrained(tmp_path / "folder")
    names = {path.name for path in (tmp_path / "folder").iterdir()}
    assert {"config.json", "model.safetensors"} <= names
    again = type(model).from_pretrained(tmp_path / "folder")
    assert not again.training
    image = torch.rand(1, 3, 20, 33)
    with torch.no_grad():
        assert torch.equal(again(image), model(image))
    config = json.loads((tmp_path / "folder/config.json").read_text())
    assert config["generator"] == getattr(testing, f"tiny_{method}")()["generator"]


def test_the_weights_serve_the_inferencer_too(workspace):
    workspace.model.save_pretrained("folder")
    image = dark_image(12, 15)
    results = [
        LowLightInferencer("config.py", weights, "cpu")(image)
        for weights in ("weights.pth", "folder/model.safetensors")
    ]
    assert (results[0] == results[1]).all()


def test_denormals_are_written_as_zeros(tmp_path):
    model = MODELS.build(tiny_zero_dce())
    model.generator.conv1.bias.data[0] = 1e-39
    model.save_pretrained(tmp_path)
    bias = load_file(tmp_path / "model.safetensors")["generator.conv1.bias"]
    assert bias[0] == 0
    assert bias[1] != 0


def test_weights_that_are_missing_are_named(tmp_path):
    model = MODELS.build(tiny_zero_dce())
    model.save_pretrained(tmp_path)
    content = (tmp_path / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(content[:-10])
    with pytest.raises(
        CheckpointError, match=r"model\.safetensors' is not a checkpoint that safetensors wrote"
    ):
        type(model).from_pretrained(tmp_path)
    with pytest.raises(UserError, match="There is no folder .*gone with a model"):
        type(model).from_pretrained(tmp_path / "gone")
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"no checkpoint .*model\.safetensors"):
        type(model).from_pretrained(tmp_path)


@pytest.mark.parametrize("config", [None, "{", "{}"])
def test_a_folder_without_a_model_is_named(tmp_path, monkeypatch, config):
    monkeypatch.chdir(tmp_path)
    folder = Path("models", "mine")
    folder.mkdir(parents=True)
    if config is not None:
        (folder / "config.json").write_text(config)
    with pytest.raises(UserError, match="no folder models/mine with a model that save_pretrained wrote"):
        ZeroDCE.from_pretrained(folder)
