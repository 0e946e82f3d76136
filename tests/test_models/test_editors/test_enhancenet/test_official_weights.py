"""The original is a TensorFlow checkpoint, which a stand-in for TensorFlow reads here."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import pytest
import torch

from mmlle.models import EnhanceNetGenerator
from mmlle.models.editors.enhancenet.official_weights import OFFICIAL
from mmlle.utils.errors import UserError

from ... import ROOT


@pytest.fixture
def tensorflow(monkeypatch):
    """The stand-in, in place of TensorFlow."""
    spec = spec_from_file_location("tensorflow.train", ROOT / "tests/stand_ins/tensorflow/train.py")
    stand_in = module_from_spec(spec)
    spec.loader.exec_module(stand_in)
    monkeypatch.setitem(sys.modules, "tensorflow", ModuleType("tensorflow"))
    monkeypatch.setitem(sys.modules, "tensorflow.train", stand_in)
    return stand_in


@pytest.fixture
def weights():
    torch.manual_seed(0)
    return EnhanceNetGenerator().state_dict()


@pytest.fixture
def tensors(weights):
    """The same under the names and in the order of dimensions of the authors' checkpoint."""
    tensors = {}
    for index, (name, value) in enumerate(weights.items()):
        layer = "Conv" if index < 2 else f"Conv_{index // 2}"
        if name.endswith("weight"):
            tensors[f"generator/{layer}/weights"] = value.permute(2, 3, 1, 0).numpy()
        else:
            tensors[f"generator/{layer}/biases"] = value.numpy()
    return tensors


def test_a_checkpoint_becomes_our_weights(tensorflow, tensors, weights, tmp_path):
    tensorflow.write_checkpoint(tmp_path / "weights", tensors)
    converted = OFFICIAL.convert(OFFICIAL.read(tmp_path / "weights"))
    assert converted.keys() == {f"generator.{name}" for name in weights}
    for name, value in weights.items():
        assert torch.equal(converted[f"generator.{name}"], value), name


def test_a_missing_tensor_is_named(tensorflow, tensors, tmp_path):
    del tensors["generator/Conv_3/weights"]
    tensorflow.write_checkpoint(tmp_path / "weights", tensors)
    with pytest.raises(UserError, match=r"EnhanceNetGenerator(.|\n)*blocks\.1\.conv1\.weight"):
        OFFICIAL.convert(OFFICIAL.read(tmp_path / "weights"))


@pytest.mark.usefixtures("tensorflow")
def test_missing_and_broken_files_are_named(tmp_path):
    with pytest.raises(UserError, match=r"no file .*gone"):
        OFFICIAL.read(tmp_path / "gone")
    (tmp_path / "page").write_text("<html>Quota exceeded</html>")
    with pytest.raises(UserError, match="page is not a TensorFlow checkpoint"):
        OFFICIAL.read(tmp_path / "page")


def test_without_tensorflow_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.setitem(sys.modules, "tensorflow.train", None)
    with pytest.raises(UserError, match="pip install tensorflow-cpu"):
        OFFICIAL.read(tmp_path / "weights")
