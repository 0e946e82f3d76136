import re
import runpy
import sys
from pathlib import Path

import pytest
import torch
from mmengine.runner import load_checkpoint

import mmlle
from mmlle.models import ZeroDCENet

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "tools/model_converters/official_to_mmlle.py"


@pytest.fixture
def convert(monkeypatch, tmp_path):
    """Run the script with arguments, in the temporary folder."""

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), *arguments])
        runpy.run_path(str(SCRIPT), run_name="__main__")

    return run


def test_a_converted_checkpoint_fits_the_network(convert, tmp_path, capsys):
    torch.manual_seed(0)
    weights = ZeroDCENet().state_dict()
    torch.save({f"module.e_{name}": value for name, value in weights.items()}, tmp_path / "official.pth")
    convert("zero_dce", "official.pth", "deeper/converted.pth")
    assert capsys.readouterr().out == "deeper/converted.pth: 14 tensors, 79,416 values of zero_dce\n"

    converted = tmp_path / "deeper/converted.pth"
    checkpoint = torch.load(converted, weights_only=True)
    assert checkpoint["meta"] == dict(
        method="zero_dce", source="official.pth", mmlle_version=mmlle.__version__
    )
    network = ZeroDCENet()
    load_checkpoint(network, str(converted), strict=True, revise_keys=[(r"^generator\.", "")])
    assert all(torch.equal(value, weights[name]) for name, value in network.state_dict().items())


def test_denormal_weights_become_zero(convert, tmp_path):
    weights = {f"e_{name}": value for name, value in ZeroDCENet().state_dict().items()}
    weights["e_conv1.bias"] = torch.tensor([1e-40, -1e-25, 1e-15, *[0.5] * 29])
    torch.save(weights, tmp_path / "official.pth")
    convert("zero_dce", "official.pth", "converted.pth")
    bias = torch.load(tmp_path / "converted.pth", weights_only=True)["state_dict"]["generator.conv1.bias"]
    assert torch.equal(bias, torch.tensor([0, 0, 1e-15, *[0.5] * 29]))


def test_what_is_wrong_is_said_and_nothing_written(convert, tmp_path):
    with pytest.raises(SystemExit) as stop:
        convert("sgz", "gone.pth", "converted.pth")
    assert re.fullmatch(rf"Error: .*gone\.pth.*{tmp_path}.*", stop.value.code)
    assert not list(tmp_path.iterdir())


def test_an_unknown_method_lists_the_known(convert, capsys):
    with pytest.raises(SystemExit) as stop:
        convert("retinex", "a", "b")
    assert stop.value.code == 2
    assert re.search(r"retinex.*enhancenet.*enlightengan.*pairlie.*sgz.*zero_dce", capsys.readouterr().err)
