"""Projects that build on the installed wheel, from a folder of their own, without a checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

INHERITING = """
_base_ = ["mmlle::sgz/sgz_lol.py"]

_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="mmagic.Crop", keys=["img"], crop_size=(32, 32)),
    dict(type="mmagic.PackInputs", keys=["img"], meta_keys=["key"]),
]

model = dict(semantic_loss=None)
train_dataloader = dict(
    batch_size=2, num_workers=0, persistent_workers=False,
    dataset=dict(data_root="data/train", data_prefix=dict(img=""), pipeline=_pipeline),
)
val_dataloader = dict(num_workers=0, persistent_workers=False, dataset=dict(data_root="data/val"))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=1)
default_hooks = dict(logger=dict(interval=1))
"""

MMAGIC = """
default_scope = "mmagic"
custom_imports = dict(imports=["mmlle"])

model = dict(
    type="mmlle.SGZ",
    generator=dict(type="mmlle.EFENet"),
    spatial_loss=dict(type="mmlle.SpatialConsistencyLoss"),
    color_loss=dict(type="mmlle.ColorConstancyLoss", loss_weight=5),
    exposure_loss=dict(type="mmlle.ExposureControlLoss", loss_weight=10),
    smoothness_loss=dict(type="mmlle.IlluminationSmoothnessLoss", loss_weight=1600),
)
train_dataloader = dict(
    batch_size=2,
    sampler=dict(type="InfiniteSampler"),
    dataset=dict(
        type="BasicImageDataset",
        data_root="data/train",
        data_prefix=dict(img=""),
        pipeline=[dict(type="LoadImageFromFile", key="img"), dict(type="PackInputs")],
    ),
)
train_cfg = dict(type="IterBasedTrainLoop", max_iters=1)
optim_wrapper = dict(optimizer=dict(type="Adam", lr=1e-4))
default_hooks = dict(
    logger=dict(type="LoggerHook", interval=1),
    checkpoint=dict(type="CheckpointHook", interval=1, by_epoch=False),
)
work_dir = "mmagic_run"
"""

SCRIPT = """
from mmengine.config import Config
from mmengine.runner import Runner

runner = Runner.from_cfg(Config.fromfile("mmagic_project.py"))
runner.train()
print(type(runner.model).__module__, type(runner.model).__name__)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The wheel, built from the tracked files and installed into a folder of its own."""
    source = tmp_path_factory.mktemp("source")
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, files.stdout.split("\0")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name)
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", target, source], check=True)
    return target


@pytest.fixture
def run_outside(workspace, site):
    """Run a command in the project's folder, where only the installed package can be imported."""

    def run(*command: str) -> str:
        env = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            command,
            cwd=workspace.folder,
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    return run


def test_the_installed_package_is_the_one_that_is_tested(run_outside, site):
    printed = run_outside(sys.executable, "-c", "import mmlle; print(mmlle.__file__)")
    assert Path(printed.strip()).is_relative_to(site)


def test_a_project_inherits_a_config_by_name(workspace, run_outside, site):
    (workspace.folder / "inheriting.py").write_text(INHERITING)
    command = str(site / "bin/mmlle")
    output = run_outside(sys.executable, command, "train", "inheriting.py", "--work-dir", "inherited")
    assert "[1][10/10]" in output
    assert "loss_smoothness" in output
    checkpoint = "inherited/epoch_1.pth"
    output = run_outside(
        sys.executable, command, "test", "inheriting.py", checkpoint, "--out", "metrics.json"
    )
    assert "PSNR" in (workspace.folder / "metrics.json").read_text()


def test_a_model_trains_in_a_project_of_mmagic(workspace, run_outside):
    (workspace.folder / "mmagic_project.py").write_text(MMAGIC)
    (workspace.folder / "script.py").write_text(SCRIPT)
    output = run_outside(sys.executable, "script.py")
    assert "mmlle.models.editors.sgz.sgz SGZ" in output
    assert "loss_smoothness" in output
    assert (workspace.folder / "mmagic_run/iter_1.pth").is_file()
