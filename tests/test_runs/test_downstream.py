"""Projects that build on the installed wheel, from a folder of their own, without a checkout."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import mmagic
import pytest
import torch

from mmlle.zoo import list_models, weights_path

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

#: A whole downstream config; the expression imports mmlle, which makes MMEngine know the name.
ONE_LINE = '_base_ = [__import__("mmlle") and "mmlle::sgz/sgz_lol.py"]\n'

#: What makes a short run with tiny images of it.
OPTIONS = (
    "model.semantic_loss=None",
    "train_dataloader.dataset.data_root=data",
    "train_dataloader.dataset.data_prefix.img=train",
    "train_dataloader.dataset.pipeline.1.scale=(32,32)",
    "default_hooks.logger.interval=1",
    *(f"{name}_dataloader.dataset.data_root=data/val" for name in ("val", "test")),
    *(f"{name}_dataloader.num_workers=0" for name in ("train", "val", "test")),
    *(f"{name}_dataloader.persistent_workers=False" for name in ("train", "val", "test")),
)

#: A model of ours among MMagic's data set, transforms, loops and evaluator, with metrics and hooks of both.
OUR_MODEL = """
default_scope = "mmagic"
custom_imports = dict(imports=["mmlle"])

model = dict(
    type="mmlle.SGZ",
    generator=dict(type="mmlle.EFENet", width=8),
    spatial_loss=dict(type="mmlle.SpatialConsistencyLoss"),
    color_loss=dict(type="mmlle.ColorConstancyLoss", loss_weight=5),
    exposure_loss=dict(type="mmlle.ExposureControlLoss", loss_weight=10),
    smoothness_loss=dict(type="mmlle.IlluminationSmoothnessLoss", loss_weight=1600),
    data_preprocessor=dict(type="DataPreprocessor", mean=[0], std=[255], output_channel_order="RGB"),
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
train_cfg = dict(type="IterBasedTrainLoop", max_iters=2, val_interval=1)
optim_wrapper = dict(type="OptimWrapper", optimizer=dict(type="Adam", lr=1e-4))
val_dataloader = dict(
    batch_size=1,
    sampler=dict(type="DefaultSampler", shuffle=False),
    dataset=dict(
        type="BasicImageDataset",
        data_root="data/val",
        data_prefix=dict(img="low", gt="high"),
        pipeline=[
            dict(type="LoadImageFromFile", key="img"),
            dict(type="LoadImageFromFile", key="gt"),
            dict(type="PackInputs"),
        ],
    ),
)
val_cfg = dict(type="MultiValLoop")
val_evaluator = dict(
    type="Evaluator",
    metrics=[
        dict(type="mmlle.PSNR"),
        dict(type="mmlle.SSIM"),
        dict(type="mmlle.DeltaE"),
        dict(type="PSNR", prefix="mmagic"),
    ],
)
test_dataloader, test_cfg, test_evaluator = val_dataloader, dict(type="MultiTestLoop"), val_evaluator
default_hooks = dict(
    logger=dict(type="LoggerHook", interval=1),
    checkpoint=dict(type="CheckpointHook", interval=1, by_epoch=False),
)
custom_hooks = [dict(type="mmlle.NaNGuardHook"), dict(type="mmlle.PictureHook")]
log_processor = dict(type="LogProcessor", by_epoch=False)
"""

#: The same with a model of MMagic's, made of a network, a loss, a data set and transforms of ours.
OUR_PARTS = (
    OUR_MODEL
    + """
model = dict(
    type="BaseEditModel",
    generator=dict(type="mmlle.EnhanceNetGenerator", width=4, num_blocks=1),
    pixel_loss=dict(type="mmlle.SpatialConsistencyLoss"),
    data_preprocessor=dict(type="mmlle.EnhancerDataPreprocessor"),
)
_load = [dict(type="mmlle.LoadImage", key="gt"), dict(type="mmlle.MakeLowResolution")]
train_dataloader["dataset"] = dict(
    type="mmlle.LowLightDataset",
    data_root="data/train",
    data_prefix=dict(img="", gt=""),
    pipeline=[
        *_load,
        dict(type="mmlle.CropPair", size=8),
        dict(type="Flip", keys=["img", "gt"], flip_ratio=0.5, direction="horizontal"),
        dict(type="PackInputs"),
    ],
)
val_dataloader["dataset"] = dict(
    type="mmlle.LowLightDataset",
    data_root="data/val/high",
    data_prefix=dict(img="", gt=""),
    pipeline=[*_load, dict(type="PackInputs")],
    test_mode=True,
)
"""
)

#: How what must be the same for both evaluators is logged.
FIGURE = re.compile(r"Iter\(val\) .*?\bPSNR: ([\d.]+) .*mmagic/PSNR: ([\d.]+)")


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

    def run(*command: str, ok: bool = True) -> str:
        env = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            command,
            cwd=workspace.folder,
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert (done.returncode == 0) == ok, done.stdout[-3000:]
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


GET_MODEL = """
import socket, sys

def refuse(*arguments):
    raise AssertionError("a connection was asked for")

socket.socket.connect = socket.getaddrinfo = refuse
import mmlle, torch
from mmengine.hub import get_config, get_model
from mmlle.zoo import weights_path

name, short_name = sys.argv[1:]
path = get_config(name, pretrained=True).model_path
assert torch.load(path).keys() == torch.load(weights_path(short_name)).keys()
weights = torch.load(path)
model = get_model(name, pretrained=True)
for key, value in model.generator.state_dict(prefix="generator.").items():
    assert torch.equal(value, weights.get("state_dict", weights)[key]), key
print("PATH", path)
"""


def test_the_hub_gives_models_with_the_weights_of_the_package(run_outside, site):
    name = list_models()["sgz"]["config"]
    output = run_outside(sys.executable, "-W", "ignore", "-c", GET_MODEL, f"mmlle::{name}", "sgz")
    (path,) = re.findall(r"^PATH (.+)$", output, flags=re.MULTILINE)
    assert Path(path).is_relative_to(site)


@pytest.mark.skipif(find_spec("mim") is None, reason="openmim is not installed")
def test_mim_finds_the_weights_that_are_there_and_writes_the_config(workspace, run_outside, site):
    name = list_models()["sgz"]["config"]
    destination = workspace.folder / "mim"
    destination.mkdir()
    weights = weights_path("sgz").name
    shutil.copy2(site / "mmlle/zoo" / weights, destination)
    stem = Path(name).stem
    output = run_outside(
        sys.executable, "-m", "mim", "download", "mmlle", "--config", stem, "--dest", str(destination)
    )
    assert f"{weights} exists in {destination}" in output
    assert sorted(p.name for p in destination.iterdir()) == sorted([weights, f"{stem}.py"])


class TestMMagicsTools:
    """MMagic's own, unchanged scripts, as its installed package brings them, in the project's folder."""

    @pytest.fixture
    def tool(self, workspace, run_outside):
        def run(name: str, *arguments: str, ok: bool = True) -> str:
            shutil.copy2(Path(mmagic.__file__).parent / f".mim/tools/{name}.py", workspace.folder)
            return run_outside(sys.executable, f"{name}.py", *arguments, ok=ok)

        return run

    def test_a_config_of_one_line_trains_resumes_and_tests(self, workspace, tool):
        assert ONE_LINE in (ROOT / "README.md").read_text()
        (workspace.folder / "one_line.py").write_text(ONE_LINE)
        arguments = ("one_line.py", "--work-dir", "one_line", "--cfg-options", *OPTIONS)
        output = tool("train", *arguments, "train_cfg.max_epochs=1", "train_cfg.val_interval=1")
        assert "[1][4/4]" in output
        assert "loss_smoothness" in output
        output = tool("train", "--resume", *arguments, "train_cfg.max_epochs=2", "train_cfg.val_interval=1")
        assert "resumed epoch: 1, iter: 4" in output
        assert "[2][4/4]" in output
        assert "[1][1/4]" not in output
        (psnr,) = re.findall(r"Epoch\(val\) \[2\].* PSNR: ([\d.]+)", output)
        arguments = ("one_line.py", "one_line/epoch_2.pth", "--out", "one_line.json", *arguments[1:])
        tool("test", *arguments)
        metrics = json.loads((workspace.folder / "one_line.json").read_text())
        assert set(metrics) == {"PSNR", "SSIM"}
        assert metrics["PSNR"] == pytest.approx(float(psnr), abs=1e-4)

    def test_mixed_precision_reaches_the_optimiser_wrapper(self, workspace, tool):
        (workspace.folder / "one_line.py").write_text(ONE_LINE)
        arguments = ("--work-dir", "amp", "--amp", "--cfg-options", *OPTIONS, "train_cfg.max_epochs=1")
        gpu = torch.cuda.is_available()
        output = tool("train", "one_line.py", *arguments, ok=gpu)
        # MMEngine's own wrapper, which needs a GPU.
        assert ("[1][4/4]" if gpu else "AmpOptimizerWrapper`` is only available training on gpu") in output

    @pytest.mark.parametrize(
        ("config", "loss"), [(OUR_MODEL, "loss_smoothness: "), (OUR_PARTS, "loss: ")], ids=["model", "parts"]
    )
    def test_in_a_config_of_mmagics_scope(self, workspace, tool, config, loss, request):
        name = request.node.callspec.id
        (workspace.folder / f"{name}.py").write_text(config)
        output = tool("train", f"{name}.py")
        assert loss in output
        figures = FIGURE.findall(output)
        assert len(figures) == 2
        for ours, theirs in figures:  # MMagic rounds neither the image nor the figure
            assert float(ours) == pytest.approx(float(theirs), abs=0.1)
        tool("test", f"{name}.py", f"work_dirs/{name}/iter_2.pth", "--out", f"{name}.json")
        metrics = json.loads((workspace.folder / f"{name}.json").read_text())
        assert set(metrics) == {"PSNR", "SSIM", "DeltaE", "mmagic/PSNR"}
        assert metrics["PSNR"] == pytest.approx(float(figures[-1][0]), abs=1e-4)
