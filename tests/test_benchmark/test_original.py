import os
import sys
from types import ModuleType

import pytest
import torch
from torch import nn

from mmlle.benchmark.original import Original, importing_from
from mmlle.utils.errors import UserError


class Halving(Original):
    """Its loss is half its only weight for each pixel."""

    method = "halving"
    repository = "somebody/halving"
    modules = ("model.py",)

    def build(self, model):
        self.network = nn.DataParallel(nn.Linear(1, 1, bias=False))
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=1.0)

    def losses(self, images):
        return dict(loss=self.network.module.weight.sum() / 2 * images.numel())

    def enhance(self, images):
        return images


@pytest.fixture
def halving(tmp_path):
    (tmp_path / "model.py").touch()
    return Halving(tmp_path, {})


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


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"has no model\.py; .*github\.com/somebody/halving"):
        Halving(tmp_path, {})


@pytest.mark.parametrize(("max_grad_norm", "step"), [(None, 6), (0.5, 0.5)])
def test_a_step_descends_the_clipped_gradient(halving, max_grad_norm, step):
    halving.max_grad_norm = max_grad_norm
    before = halving.network.module.weight.item()
    halving.train_step(torch.zeros(1, 3, 2, 2))
    assert before - halving.network.module.weight.item() == pytest.approx(step, rel=1e-5)


def test_weights_have_no_prefix_of_data_parallel(halving):
    halving.load_weights({"weight": torch.tensor([[3.0]])})
    assert halving.network.module.weight.item() == 3
    assert list(halving.weights()) == ["weight"]
