import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from mmengine.config import Config
from mmengine.device import get_device

from mmlle.utils.errors import UserError

from . import made_up_originals

ROOT = Path(__file__).parents[2]

from mmlle.benchmark.originals import (  # noqa: E402
    ORIGINALS,
    EnlightenGANOriginal,
    PairLIEOriginal,
    SGZOriginal,
    ZeroDCEOriginal,
    importing_from,
)


@pytest.fixture
def sgz_folder(tmp_path):
    return made_up_originals.write(made_up_originals.SGZ, tmp_path / "sgz")


@pytest.fixture
def zero_dce_folder(tmp_path):
    return made_up_originals.write(made_up_originals.ZERO_DCE, tmp_path / "zero_dce")


@pytest.fixture
def pairlie_folder(tmp_path):
    return made_up_originals.write(made_up_originals.PAIRLIE, tmp_path / "pairlie")


@pytest.fixture
def enlightengan_folder(tmp_path):
    return made_up_originals.write(made_up_originals.ENLIGHTENGAN, tmp_path / "enlightengan")


@pytest.fixture
def model():
    """The config of a model of a method."""
    return lambda method: Config.fromfile(ROOT / "configs" / "_base_" / "models" / f"{method}.py").model


def test_there_is_one_for_each_converter():
    from official_to_mmlle import METHODS

    assert {original.converter for original in ORIGINALS.values()} <= set(METHODS)


def test_imports_leave_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "utils.py").write_text(
        "import os, sys\nnumber = 42\nargv = sys.argv\nos.environ['CUDA_VISIBLE_DEVICES'] = '7'\n"
    )
    mine = ModuleType("utils")
    monkeypatch.setitem(sys.modules, "utils", mine)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    path, argv = list(sys.path), list(sys.argv)
    with importing_from(tmp_path, ["--flag"]):
        import utils

        assert utils.number == 42
        assert utils.argv[1:] == ["--flag"]
    assert sys.modules["utils"] is mine
    assert (sys.path, sys.argv) == (path, argv)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == ""


def test_imports_leave_nothing_behind_after_an_error(tmp_path):
    (tmp_path / "broken_original.py").write_text("raise RuntimeError('broken')\n")
    path = list(sys.path)
    with pytest.raises(RuntimeError, match="broken"), importing_from(tmp_path, []):
        import broken_original  # noqa: F401
    assert "broken_original" not in sys.modules
    assert sys.path == path


def test_sgz_takes_one_step_of_its_own_training(sgz_folder, model):
    torch.manual_seed(0)
    original = SGZOriginal(sgz_folder, model("sgz"))
    before = [weight.detach().clone() for weight in original.network.parameters()]
    original.train_step(torch.rand(2, 3, 32, 32, device=get_device()))
    for old, new in zip(before, original.network.parameters(), strict=True):
        # Adam's first step is about the learning rate, of whatever gradient there is.
        assert 0 < (old - new).abs().max() < 1.01e-4


def test_sgz_losses_add_up_and_leave_its_segmentor_training(sgz_folder, model):
    original = SGZOriginal(sgz_folder, model("sgz"))
    before = original.segmentor[1].running_mean.clone()
    losses = original.losses(torch.rand(2, 3, 32, 32, device=get_device()))
    total = losses.pop("loss")
    torch.testing.assert_close(total, sum(losses.values()))
    assert torch.equal(original.segmentor[1].running_mean, before)
    assert original.segmentor.training


def test_sgz_takes_the_scale_of_our_config(sgz_folder, model):
    config = model("sgz")
    config.generator.scale_factor = 4
    original = SGZOriginal(sgz_folder, config)
    assert original.network.network.scale_factor == 4
    assert original.enhance(torch.rand(1, 3, 8, 12, device=get_device())).shape == (1, 3, 8, 12)
    with pytest.raises(UserError, match="multiples of its scale factor 4, not 8x13"):
        original.enhance(torch.rand(1, 3, 8, 13, device=get_device()))


def test_zero_dce_takes_a_step(zero_dce_folder, model):
    torch.manual_seed(0)
    original = ZeroDCEOriginal(zero_dce_folder, model("zero_dce"))
    images = torch.rand(2, 3, 32, 32, device=get_device())
    losses = original.losses(images)
    total = losses.pop("loss")
    torch.testing.assert_close(total, sum(losses.values()))
    before = original.network.network.conv1.weight.detach().clone()
    original.train_step(images)
    assert 0 < (original.network.network.conv1.weight - before).abs().max() < 1.01e-4


def test_pairlie_takes_a_step(pairlie_folder, model):
    torch.manual_seed(0)
    original = PairLIEOriginal(pairlie_folder, model("pairlie"))
    images = {name: torch.rand(2, 3, 32, 32, device=get_device()) for name in ("img", "img2")}
    losses = original.losses(images)
    total = losses.pop("loss")
    torch.testing.assert_close(total, sum(losses.values()))
    before = original.network.network.n_net.conv1.weight.detach().clone()
    original.train_step(images)
    assert 0 < (original.network.network.n_net.conv1.weight - before).abs().max() < 1.01e-4


def test_enlightengan_takes_a_step_without_a_trace(enlightengan_folder, model, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    cuda = torch.cuda.is_available(), torch.nn.Module.cuda, torch.nn.DataParallel
    original = EnlightenGANOriginal(enlightengan_folder, model("enlightengan"))
    assert (torch.cuda.is_available(), torch.nn.Module.cuda, torch.nn.DataParallel) == cuda
    assert capsys.readouterr().out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["enlightengan"]
    images = {name: torch.rand(2, 3, 32, 32, device=get_device()) for name in ("img", "darkened", "normal")}
    losses = original.losses(images)
    assert losses["loss"] > losses["loss_disc_global"] + losses["loss_disc_local"]
    networks = (original.model.netG_A, original.model.netD_A, original.model.netD_P)
    before = [[weight.detach().clone() for weight in network.parameters()] for network in networks]
    original.train_step(images)
    for network, weights in zip(networks, before, strict=True):
        changes = [(a - b).abs().max() for a, b in zip(network.parameters(), weights, strict=True)]
        assert 0 < max(changes) < 1.01e-4


def test_another_folder_is_refused(tmp_path, model):
    with pytest.raises(UserError, match=r"has no model.py; .*github.com/Li-Chongyi/Zero-DCE"):
        ZeroDCEOriginal(tmp_path, model("zero_dce"))
