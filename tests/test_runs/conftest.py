import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mmlle.testing import tiny_enhancenet_pat, tiny_segmentor, write_images

ROOT = Path(__file__).resolve().parents[2]

#: What all configs have in common: tiny data, an epoch, everything logged and kept.
_COMMON = """
val_dataloader = dict(dataset=dict(data_root="data/val"))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=1, val_interval=1)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=1, max_keep_ckpts=-1))
"""

#: Makes of sgz_sample.py a training of five steps of four images an epoch, guided by a tiny segmentor.
_SGZ = f"""
_base_ = ["{ROOT}/configs/sgz/sgz_sample.py"]

_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="mmagic.Crop", keys=["img"], crop_size=(32, 32)),
    dict(type="mmagic.Flip", keys=["img"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

model = dict(
    generator=dict(width=8),
    semantic_loss=dict(
        _delete_=True, type="SemanticGuidanceLoss", segmentor={tiny_segmentor()}, loss_weight=0.1
    ),
)
train_dataloader = dict(dataset=dict(data_root="data/train", pipeline=_pipeline))
"""

#: Makes of pairlie_sample.py a training of five steps of four pairs an epoch, of darkened cached frames.
_PAIRLIE = f"""
_base_ = ["{ROOT}/configs/pairlie/pairlie_sample.py"]

_keys = ["img", "img2"]
_pipeline = [
    dict(type="mmagic.FixedCrop", keys=_keys, crop_size=(32, 32)),
    dict(type="mmagic.Flip", keys=_keys, flip_ratio=0.5, direction="horizontal"),
    dict(type="SynthesizeLowLight", keys=_keys, exposure=(0.1, 0.5), prob=0.5),
    dict(type="mmagic.PackInputs", keys=_keys, meta_keys=["key"]),
]

model = dict(generator=dict(width=8))
train_dataloader = dict(
    batch_size=4, dataset=dict(data_root="data/scenes", cache_dir="data/cache", pipeline=_pipeline)
)
"""

#: Makes of enhancenet_pat_x4.py a training of five steps of four images an epoch, with a discriminator that
#: is trained while it is wrong on one kind of images. Adam would make large steps of rounding errors.
_ENHANCENET = f"""
_base_ = ["{ROOT}/configs/enhancenet/enhancenet_pat_x4.py"]

_pipeline = [
    dict(type="LoadImage", key="gt"),
    dict(type="MakeLowResolution"),
    dict(type="CropPair", size=8),
    dict(type="mmagic.Flip", keys=["img", "gt"], flip_ratio=0.5, direction="horizontal"),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

model = dict(_delete_=True, real_threshold=0.5, fake_threshold=0.5, **{tiny_enhancenet_pat()})
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root="data/train", pipeline=_pipeline),
)
val_dataloader = dict(num_workers=0, persistent_workers=False)
_optim = dict(_delete_=True, type="SGD", lr=0.1, momentum=0.9)
optim_wrapper = dict(generator=dict(optimizer=_optim), discriminator=dict(optimizer=_optim))
"""

#: By the name of the file.
CONFIGS = {"sgz.py": _SGZ + _COMMON, "pairlie.py": _PAIRLIE + _COMMON, "enhancenet.py": _ENHANCENET + _COMMON}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole trainings take their time: every test of this folder is a slow one."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("slow")


class Workspace:
    """A folder outside the checkout with data and configs, where commands are run as a user runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_images(folder / "data/train", [f"{i:02d}.png" for i in range(20)], size=(40, 48))
        frames = [f"{scene:02d}/{frame}.png" for scene in range(20) for frame in range(3)]
        write_images(folder / "data/scenes", frames, size=(40, 48))
        write_images(folder / "data/val/low", ["a.png", "b.png"], size=(33, 40))
        write_images(folder / "data/val/high", ["a.png", "b.png"], size=(33, 40))
        for name, text in CONFIGS.items():
            (folder / name).write_text(text)

    def run(self, *command: str, ok: bool = True) -> str:
        """Run a command of the checkout; its output, both streams together."""
        bin_folder = Path(sys.executable).parent
        env = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(
            command, cwd=self.folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert (done.returncode == 0) == ok, done.stdout[-3000:]
        return done.stdout

    def train(self, *options: str, config: str = "sgz.py", work_dir: str = "run", ok: bool = True) -> str:
        """Run tools/train.py with one of :data:`CONFIGS`."""
        script = str(ROOT / "tools/train.py")
        return self.run(sys.executable, script, config, "--work-dir", work_dir, *options, ok=ok)

    def weights(self, checkpoint: str) -> dict[str, torch.Tensor]:
        """Weights of a checkpoint below the folder."""
        import mmlle.registry  # noqa: F401  (it lets checkpoints be loaded)

        return torch.load(self.folder / checkpoint, weights_only=True)["state_dict"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("workspace"))
