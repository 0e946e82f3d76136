"""A folder with data and a config, in which commands are run as a user runs them."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from mmlle.registry import MODELS
from mmlle.testing import tiny_zero_dce, write_images

ROOT = Path(__file__).resolve().parents[1]

#: Makes of zero_dce_sample.py a training of two steps of two images an epoch, with a network of width 4.
CONFIG = f"""
_base_ = ["{ROOT}/configs/zero_dce/zero_dce_sample.py"]

_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

model = dict(_delete_=True, **{tiny_zero_dce()})
train_dataloader = dict(batch_size=2, dataset=dict(data_root="data/train", pipeline=_pipeline))
val_dataloader = dict(dataset=dict(data_root="data/val"))
test_dataloader = val_dataloader
auto_scale_lr = dict(base_batch_size=8)
train_cfg = dict(max_epochs=1, val_interval=1)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=1))
"""


class Workspace:
    """A folder with data, a config and a checkpoint that fits it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_images(folder / "data/train", [f"{i}.png" for i in range(4)], size=(32, 40))
        write_images(folder / "data/val/low", ["a.png", "n/b.png"], size=(17, 30))
        write_images(folder / "data/val/high", ["spare.png", "n/b.png", "a.png"], size=(17, 30))
        (folder / "config.py").write_text(CONFIG)
        torch.manual_seed(0)
        self.model = MODELS.build(Config.fromfile(folder / "config.py").model).eval()
        torch.save(self.model.state_dict(), folder / "weights.pth")

    def files(self, below: str = "") -> list[str]:
        """Paths of the files below a sub-folder."""
        folder = self.folder / below
        return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def workspace(tmp_path, monkeypatch, run_state):
    """A workspace of the test's own, which it runs in."""
    monkeypatch.chdir(tmp_path)
    return Workspace(tmp_path)


@pytest.fixture
def stopped():
    """Run a command that must end with a message and exit status 1; gives the message."""

    def run(command, arguments):
        with pytest.raises(SystemExit) as stop:
            command(arguments)
        assert isinstance(stop.value.code, str), f"exit status {stop.value.code}"
        return stop.value.code

    return run
