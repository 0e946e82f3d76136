"""The projects in projects/ are what their READMEs say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mmlle.registry import MODELS

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "projects/keep_colors"
CONFIG = PROJECT / "configs/keep_colors_sample.py"


@pytest.fixture
def keep_colors(monkeypatch):
    monkeypatch.syspath_prepend(str(PROJECT))
    import keep_colors

    return keep_colors


def test_the_loss_is_the_saturation_that_is_lost(keep_colors):
    image = torch.tensor([0.15, 0.05, 0.05]).view(1, 3, 1, 1)
    paler = torch.tensor([0.45, 0.35, 0.35]).view(1, 3, 1, 1)
    assert keep_colors.pale_loss(paler, image).item() == pytest.approx(0.1 / 0.2 - 0.1 / 0.5)
    assert keep_colors.pale_loss(image, paler).item() == 0


def test_the_model_has_the_losses_of_sgz_and_its_own(keep_colors):
    from mmengine.config import Config

    model = MODELS.build(Config.fromfile(CONFIG).model)
    losses = model(torch.rand(1, 3, 32, 32), mode="loss")
    assert set(losses) == {"loss_spatial", "loss_color", "loss_exposure", "loss_smoothness", "loss_pale"}


@pytest.mark.slow
def test_the_commands_of_the_readme(tmp_path):
    """Fewer epochs and images; otherwise what the README says."""
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, (PROJECT, ROOT))))

    def run(*command):
        subprocess.run([sys.executable, *command], cwd=tmp_path, env=environment, check=True, timeout=600)

    run(str(ROOT / "tools/dataset_converters/prepare_sample.py"))
    options = [
        "train_cfg.max_epochs=1",
        "train_dataloader.dataset.indices=8",
        "val_dataloader.dataset.indices=2",
    ]
    work = ["--work-dir", "work", "--cfg-options", *options, "default_hooks.checkpoint.interval=1"]
    run("-m", "mmlle", "train", str(CONFIG), *work)
    (photograph,) = sorted(tmp_path.glob("data/sample/**/low/*.png"))[:1]
    enhance = ["enhance", str(photograph), "-o", "bright.png", "--model", str(CONFIG)]
    run("-m", "mmlle", *enhance, "--weights", "work/epoch_1.pth")
    assert (tmp_path / "bright.png").is_file()
