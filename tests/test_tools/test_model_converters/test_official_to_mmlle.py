import os
import re
import runpy
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import load_checkpoint

import mmlle
from mmlle.models import EFENet, EnhanceNetGenerator, ZeroDCENet
from mmlle.registry import MODELS

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "tools/model_converters/official_to_mmlle.py"
NETWORKS = {"sgz": EFENet, "zero_dce": ZeroDCENet}


def original(method, prefix=""):
    """Weights under the names of the authors' code."""
    torch.manual_seed(0)
    weights = {}
    for name, value in NETWORKS[method]().state_dict().items():
        name = re.sub(r"^conv", "e_conv", name)
        name = name.replace("depthwise", "depth_conv").replace("pointwise", "point_conv")
        weights[prefix + name] = value
    return weights


@pytest.fixture
def convert(monkeypatch, tmp_path):
    """Run the script with arguments, in the temporary folder."""

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *arguments])
        runpy.run_path(str(SCRIPT), run_name="__main__")

    return run


@pytest.fixture
def refuse(convert, tmp_path):
    """Run the script, which must fail without leaving a file behind; gives its message."""

    def run(*arguments):
        before = set(tmp_path.rglob("*"))
        with pytest.raises(SystemExit) as stop:
            convert(*arguments)
        assert set(tmp_path.rglob("*")) == before
        return str(stop.value.code)

    return run


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize("method", ["sgz", "zero_dce"])
def test_a_converted_checkpoint_fits_the_model(convert, tmp_path, capsys, method, prefix):
    torch.save(original(method, prefix), tmp_path / "official.pth")
    convert(method, "official.pth", "deeper/converted.pth")
    count = {"sgz": "28 tensors, 10,561 values", "zero_dce": "14 tensors, 79,416 values"}[method]
    assert capsys.readouterr().out == f"deeper/converted.pth: {count} of {method}\n"

    checkpoint = torch.load(tmp_path / "deeper/converted.pth", weights_only=True)
    assert checkpoint["meta"] == dict(method=method, source="official.pth", mmlle_version=mmlle.__version__)
    network = NETWORKS[method]()
    load_checkpoint(
        network, str(tmp_path / "deeper/converted.pth"), strict=True, revise_keys=[(r"^generator\.", "")]
    )
    for mine, theirs in zip(network.state_dict().values(), original(method).values(), strict=True):
        assert torch.equal(mine, theirs)


def test_its_names_are_those_of_the_model_in_the_config(convert, tmp_path):
    torch.save(original("zero_dce"), tmp_path / "official.pth")
    convert("zero_dce", "official.pth", "converted.pth")
    model = MODELS.build(Config.fromfile(ROOT / "configs/zero_dce/zero_dce_lol.py").model)
    load_checkpoint(model, str(tmp_path / "converted.pth"), strict=True)
    assert torch.equal(model.generator.conv1.weight, original("zero_dce")["e_conv1.weight"])


@pytest.mark.parametrize(("method", "other"), [("sgz", "zero_dce"), ("zero_dce", "sgz")])
def test_weights_of_another_method_are_refused(refuse, tmp_path, method, other):
    torch.save(original(other), tmp_path / "official.pth")
    message = refuse(method, "official.pth", "converted.pth")
    assert message.startswith(f"Error: These are not the weights of '{method}'")
    assert "conv1" in message


def test_a_missing_file_is_named(refuse, tmp_path):
    message = refuse("sgz", "gone.pth", "converted.pth")
    assert message == f"Error: There is no file gone.pth (looked for from {tmp_path})."


def test_a_file_of_something_else_is_named(refuse, tmp_path):
    (tmp_path / "page.pth").write_text("<html>Quota exceeded</html>")
    assert refuse("sgz", "page.pth", "c.pth").startswith("Error: page.pth is not a PyTorch file of weights")


@pytest.mark.parametrize("content", [[1, 2], {"epoch": 3, "lr": 0.1}])
def test_a_file_without_weights_is_named(refuse, tmp_path, content):
    torch.save(content, tmp_path / "other.pth")
    message = refuse("sgz", "other.pth", "converted.pth")
    assert message == f"Error: other.pth holds no dictionary of weights, but {type(content).__name__}."


def test_code_in_a_file_is_not_run(refuse, tmp_path):
    class Payload:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "marker"),)

    torch.save({"e_conv1.weight": Payload()}, tmp_path / "evil.pth")
    assert "evil.pth is not a PyTorch file of weights" in refuse("sgz", "evil.pth", "converted.pth")


def test_an_unknown_method_lists_the_known(convert, capsys):
    with pytest.raises(SystemExit) as stop:
        convert("retinex", "a", "b")
    assert stop.value.code == 2
    assert re.search(r"retinex.*sgz.*zero_dce", capsys.readouterr().err)


def load_stand_in():
    spec = spec_from_file_location("tensorflow.train", ROOT / "tests/stand_ins/tensorflow/train.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestEnhanceNet:
    """Its original is a TensorFlow checkpoint, which a stand-in for TensorFlow reads here."""

    @pytest.fixture
    def tensorflow(self, monkeypatch):
        stand_in = load_stand_in()
        monkeypatch.setitem(sys.modules, "tensorflow", ModuleType("tensorflow"))
        monkeypatch.setitem(sys.modules, "tensorflow.train", stand_in)
        return stand_in

    @staticmethod
    def original():
        """Tensors under the names and in the order of dimensions of the authors' checkpoint."""
        torch.manual_seed(0)
        tensors = {}
        for index, (name, value) in enumerate(EnhanceNetGenerator().state_dict().items()):
            layer = "Conv" if index < 2 else f"Conv_{index // 2}"
            if name.endswith("weight"):
                tensors[f"generator/{layer}/weights"] = value.permute(2, 3, 1, 0).numpy()
            else:
                tensors[f"generator/{layer}/biases"] = value.numpy()
        return tensors

    def test_a_converted_checkpoint_fits_the_model(self, tensorflow, convert, tmp_path, capsys):
        tensorflow.write_checkpoint(tmp_path / "weights", self.original())
        convert("enhancenet", "weights", "converted.pth")
        assert capsys.readouterr().out == "converted.pth: 50 tensors, 852,867 values of enhancenet\n"
        torch.manual_seed(0)
        expected = EnhanceNetGenerator().state_dict()
        for variant in ("e", "pat"):
            config = Config.fromfile(ROOT / f"configs/enhancenet/enhancenet_{variant}_x4.py")
            model = MODELS.build(config.model)
            load_checkpoint(model, str(tmp_path / "converted.pth"), strict=True)
            for name, value in model.generator.state_dict().items():
                assert torch.equal(value, expected[name]), name

    def test_a_missing_tensor_is_named(self, tensorflow, refuse, tmp_path):
        tensors = self.original()
        del tensors["generator/Conv_3/weights"]
        tensorflow.write_checkpoint(tmp_path / "weights", tensors)
        message = refuse("enhancenet", "weights", "converted.pth")
        assert message.startswith("Error: These are not the weights of 'enhancenet'")
        assert 'Missing key(s) in state_dict: "blocks.1.conv1.weight"' in message

    @pytest.mark.usefixtures("tensorflow")
    def test_missing_and_broken_files_are_named(self, refuse, tmp_path):
        assert "There is no file gone" in refuse("enhancenet", "gone", "converted.pth")
        (tmp_path / "page").write_text("<html>Quota exceeded</html>")
        message = refuse("enhancenet", "page", "converted.pth")
        assert message.startswith("Error: page is not a TensorFlow checkpoint of weights: ")

    def test_without_tensorflow_the_message_says_how_to_get_it(self, refuse, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "tensorflow", None)
        monkeypatch.setitem(sys.modules, "tensorflow.train", None)
        load_stand_in().write_checkpoint(tmp_path / "weights", self.original())
        message = refuse("enhancenet", "weights", "converted.pth")
        assert "TensorFlow is not installed: `pip install tensorflow-cpu`" in message
