import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmlle import zoo
from mmlle.apis import LowLightInferencer
from mmlle.registry import MODELS
from mmlle.testing import dark_image
from mmlle.utils.checkpoint_io import check_weights
from mmlle.utils.errors import UserError
from mmlle.zoo import (
    DEFAULT_MODEL,
    config_path,
    exported_path,
    list_models,
    protocol_path,
    weights_path,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A zoo of one model with weights and one without."""
    index = {"one": dict(config="one/one.py", weights="one.pth"), "two": dict(config="two.py", weights=None)}
    (tmp_path / "index.json").write_text(json.dumps(index))
    monkeypatch.setattr(zoo, "_FOLDER", tmp_path)
    return tmp_path


def test_models_by_their_short_names(folder, monkeypatch):
    assert list(list_models()) == ["one", "two"]
    assert weights_path("one") == folder / "one.pth"
    (folder / "one").mkdir()
    (folder / "one/one.py").touch()
    monkeypatch.setattr(zoo, "_CONFIGS", folder)
    assert config_path("one") == folder / "one/one.py"


def test_a_checkout_that_is_not_installed(folder):
    with pytest.raises(UserError, match=r"'one' is not at .*/\.mim/configs/one/one\.py: .*pip install -e \."):
        config_path("one")


def test_weights_that_are_not_shipped(folder):
    for model in ("two", "mine.py"):
        with pytest.raises(UserError, match=rf"'{model}'.*official_to_mmlle\.py"):
            weights_path(model)


def test_a_config_file_instead_of_a_name(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").touch()
    assert config_path("mine.py") == Path("mine.py")
    with pytest.raises(UserError, match=rf"gone\.py.*{tmp_path}"):
        config_path("gone.py")


def test_an_unknown_name_lists_the_known(folder):
    with pytest.raises(UserError, match="'three'.*one, two"):
        config_path("three")


def test_protocols_by_name_and_by_path(tmp_path, monkeypatch):
    assert protocol_path("lol_rgb").parts[-4:] == ("configs", "_base_", "protocols", "lol_rgb.py")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").touch()
    assert protocol_path("mine.py") == Path("mine.py")
    with pytest.raises(UserError, match=r"no protocol gone\.py: name one of lol_rgb, .*sr_y"):
        protocol_path("gone.py")


def test_every_method_has_a_short_name_and_every_file_is_in_the_index():
    models = list_models()
    methods = {path.parent.name for path in (ROOT / "mmlle/models/editors").glob("*/__init__.py")}
    assert methods == {Path(entry["config"]).parent.name for entry in models.values()}
    assert set(models) >= methods >= {"enhancenet", "enlightengan", "pairlie", "sgz", "zero_dce"}
    files = {path.name for path in (ROOT / "mmlle/zoo").glob("*.pth")}
    assert files == {entry["weights"] for entry in models.values()} - {None}


@pytest.mark.parametrize("path", sorted((ROOT / "mmlle/zoo").glob("*.pth")), ids=lambda path: path.stem)
def test_a_file_is_named_after_its_config_its_day_and_its_content(path):
    stem, _, digest = re.fullmatch(r"(.+)_(\d{8})-([0-9a-f]{8})", path.stem).groups()
    assert hashlib.sha256(path.read_bytes()).hexdigest().startswith(digest)
    (entry,) = (entry for entry in list_models().values() if entry["weights"] == path.name)
    assert Path(entry["config"]).stem == stem


@pytest.mark.parametrize("path", sorted((ROOT / "mmlle/zoo").glob("*.pth")), ids=lambda path: path.stem)
def test_beside_a_file_lies_the_log_of_its_training(path):
    log = json.loads(path.with_suffix(".json").read_text())
    config = path.stem.rpartition("_")[0] + ".py"
    assert (log["config"], log["seed"]) == (config, torch.load(path, weights_only=True)["meta"]["seed"])
    assert log["hours"] > 0
    assert len(log["scalars"]) > 5


def test_what_comes_exported_is_what_the_weights_give():
    exported = {model: path for model in list_models() if (path := exported_path(model))}
    assert exported.keys() >= {DEFAULT_MODEL, "sgz", "zero_dce", "pairlie"}
    assert set(exported.values()) == set((ROOT / "mmlle/zoo").glob("*.onnx"))
    image = dark_image(40, 56)
    for model in exported:
        given = [LowLightInferencer(model, backend=name)(image) for name in ("torch", "onnxruntime")]
        assert np.abs(np.subtract(*given, dtype=int)).max() <= 1, model


@pytest.mark.parametrize("model", list_models())
def test_the_index_names_configs_that_are_there_and_weights_that_fit(model):
    entry = list_models()[model]
    config = Config.fromfile(ROOT / "configs" / entry["config"])
    if entry["weights"] is None:
        return
    assert entry["licence"], f"{model}: the licence of the data that its weights were trained on is not said"
    checkpoint = torch.load(weights_path(model), weights_only=True)
    state = checkpoint.get("state_dict", checkpoint)
    check_weights(MODELS.build(config.model), state, entry["weights"])
    # Denormal numbers make Intel's CPUs slow, also for those who load the file without this package.
    assert not any(((value != 0) & (value.abs() <= 1e-20)).any() for value in state.values())
