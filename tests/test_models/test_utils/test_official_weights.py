import os
import re

import pytest
import torch
from mmengine.config import Config

from mmlle.models import EFENet, ZeroDCENet
from mmlle.models.utils.official_weights import official_weights, official_weights_methods, read_pytorch
from mmlle.registry import MODELS
from mmlle.utils.errors import UserError

from .. import ROOT

NETWORKS = {"sgz": EFENet, "zero_dce": ZeroDCENet}


def original(method):
    """Weights under the names of the authors' code."""
    torch.manual_seed(0)
    weights = {}
    for name, value in NETWORKS[method]().state_dict().items():
        name = re.sub(r"^conv", "e_conv", name)
        weights[name.replace("depthwise", "depth_conv").replace("pointwise", "point_conv")] = value
    return weights


def test_methods_are_found_by_their_folders():
    assert {"enhancenet", "enlightengan", "pairlie", "sgz", "zero_dce"} <= set(official_weights_methods())


@pytest.mark.parametrize("method", NETWORKS)
def test_names_are_those_of_the_model_in_the_config(method):
    weights = official_weights(method).convert(original(method))
    model = MODELS.build(Config.fromfile(ROOT / f"configs/{method}/{method}_sample.py").model)
    expected = {f"generator.{name}" for name in model.generator.state_dict()}
    assert weights.keys() == expected
    for mine, theirs in zip(weights.values(), original(method).values(), strict=True):
        assert torch.equal(mine, theirs)


@pytest.mark.parametrize(("method", "other"), [("sgz", "zero_dce"), ("zero_dce", "sgz")])
def test_weights_of_another_method_are_refused(method, other):
    with pytest.raises(UserError, match=rf"{NETWORKS[method].__name__}.*\n.*conv1"):
        official_weights(method).convert(original(other))


@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_file_is_read_without_the_prefix_of_data_parallel(tmp_path, prefix):
    torch.save({f"{prefix}a.module.b": torch.ones(2)}, tmp_path / "official.pth")
    assert {name: value.tolist() for name, value in read_pytorch(tmp_path / "official.pth").items()} == {
        "a.module.b": [1, 1]
    }


def test_a_missing_file_is_named():
    with pytest.raises(UserError, match=r"no file gone\.pth"):
        read_pytorch("gone.pth")


@pytest.mark.parametrize("content", [[1, 2], {"epoch": 3}, {1: torch.ones(1)}])
def test_a_file_without_weights_is_named(tmp_path, content):
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(UserError, match=rf"other\.pth.*{type(content).__name__}"):
        read_pytorch(tmp_path / "other.pth")


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


@pytest.mark.parametrize("evil", [False, True])
def test_what_is_no_file_of_weights_is_refused_and_safety_stays_on(tmp_path, evil):
    path = tmp_path / "file.pth"
    if evil:
        torch.save({"e_conv1.weight": Payload(str(tmp_path / "marker"))}, path)
    else:
        path.write_text("<html>Quota exceeded</html>")
    with pytest.raises(UserError, match=r"file\.pth") as refusal:
        read_pytorch(path)
    assert "weights_only" not in str(refusal.value)  # torch's own message says how to switch it off
    assert not (tmp_path / "marker").exists()
