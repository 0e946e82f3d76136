"""Adversarial training with two optimisers as a user runs it: several processes, resuming, breaking down."""

import json

import pytest
import torch
from test_train_and_resume import ROOT, free_port

from mmlle.testing import tiny_enlightengan, write_images

#: Of enlightengan_stable_unpaired.py what matters here: networks wrapped one by one and all hooks; and
#: spectral normalisation, which is an option. Five steps an epoch.
CONFIG = f"""
_base_ = ["{ROOT}/configs/enlightengan/enlightengan_stable_unpaired.py"]
custom_imports = dict(imports=["keep_state"])

_pipeline = [
    dict(type="LoadImage", key="img"),
    dict(type="LoadImage", key="normal"),
    dict(type="PadToSize", keys=["img", "normal"], size=(32, 32)),
    dict(type="mmagic.Crop", keys=["img"], crop_size=(32, 32)),
    dict(type="mmagic.Crop", keys=["normal"], crop_size=(32, 32)),
    dict(type="RandomDarken"),
    dict(type="mmagic.CopyValues", src_keys=["normal"], dst_keys=["darkened_normal"]),
    dict(type="DarkenByCurve", keys=["darkened_normal"]),
    dict(
        type="mmagic.PackInputs",
        keys=["img", "darkened", "normal", "darkened_normal"],
        meta_keys=["key"],
    ),
]

model = {tiny_enlightengan()}
model["discriminator"]["global_network"]["spectral_norm"] = True
model["_delete_"] = True
train_dataloader = dict(
    batch_size=2, num_workers=0, persistent_workers=False,
    dataset=dict(data_root="data/unpaired", pipeline=_pipeline),
)
val_dataloader = dict(num_workers=0, persistent_workers=False, dataset=dict(data_root="data/val"))
test_dataloader = val_dataloader
param_scheduler = dict(begin=1, end=4)
train_cfg = dict(max_epochs=3, val_interval=2)
custom_hooks = [
    dict(type="LossWeightWarmUpHook", losses=["global_loss", "local_loss"], iterations=7),
    dict(type="NormEvalHook", begin=1),
    dict(type="GeneratorEMAHook", momentum=0.1, update_buffers=True),
    dict(type="KeepStateHook"),
]
default_hooks = dict(
    logger=dict(interval=1), checkpoint=dict(interval=2, by_epoch=False, max_keep_ckpts=-1)
)
"""

#: What each process has after each epoch; and a pixel that is not a number in iteration NAN_AT.
KEEP_STATE = """
import os

import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook

from mmlle.registry import HOOKS


@HOOKS.register_module()
class KeepStateHook(Hook):
    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if str(runner.iter + 1) == os.environ.get("NAN_AT"):
            data_batch["inputs"]["darkened"][0][0, 0, 0] = float("nan")

    def after_train_epoch(self, runner):
        name = f"{runner.work_dir}/epoch_{runner.epoch + 1}_rank_{get_rank()}.pth"
        torch.save(runner.model.state_dict(), name)
"""


@pytest.fixture(scope="module")
def gan(workspace):
    """The workspace with unpaired images, as many as two processes have in five steps."""
    folder = workspace.folder
    write_images(folder / "data/unpaired/low", [f"{i:02d}.png" for i in range(20)], size=(40, 36))
    write_images(folder / "data/unpaired/normal", [f"{i:02d}.png" for i in range(7)], size=(24, 48))
    (folder / "gan.py").write_text(CONFIG)
    (folder / "keep_state.py").write_text(KEEP_STATE)
    return workspace


def train(workspace, work_dir, *options, processes=1, ok=True, **environment):
    command = ["env", f"PYTHONPATH={ROOT}:{workspace.folder}", *(f"{k}={v}" for k, v in environment.items())]
    if processes == 1:
        command += ["python", str(ROOT / "tools/train.py"), "gan.py"]
    else:
        command += [
            f"PORT={free_port()}",
            "bash",
            str(ROOT / "tools/dist_train.sh"),
            "gan.py",
            str(processes),
        ]
    return workspace.run(*command, "--work-dir", work_dir, *options, ok=ok)


@pytest.fixture(scope="module")
def two_processes(gan):
    train(gan, "two", processes=2)
    return gan


def load(workspace, path):
    import mmlle.registry  # noqa: F401  (it lets checkpoints be loaded)

    return torch.load(workspace.folder / path, weights_only=True)


def test_two_processes_stay_in_step(two_processes):
    for epoch in (1, 3):
        one, other = (load(two_processes, f"two/epoch_{epoch}_rank_{rank}.pth") for rank in (0, 1))
        statistics = [name for name in one if "running" in name]
        assert statistics
        for name, value in one.items():
            # Running statistics are those of a process's own batch until the next step brings them together;
            # after the first epoch the config fixes them.
            assert torch.equal(value, other[name]) is (epoch > 1 or name not in statistics), name
    checkpoint = load(two_processes, "two/iter_14.pth")["state_dict"]
    assert {name.partition(".")[0] for name in checkpoint} == {"generator", "discriminator"}
    assert not any("module" in name for name in checkpoint)


def weights_and_average(checkpoint):
    return {**checkpoint["state_dict"], **{f"ema.{k}": v for k, v in checkpoint["ema_state_dict"].items()}}


def assert_same(workspace, one, other):
    one, other = (weights_and_average(load(workspace, path)) for path in (one, other))
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name


def test_two_processes_resume_bitwise(two_processes):
    train(two_processes, "two_resumed", "--resume", "two/iter_8.pth", processes=2)
    assert_same(two_processes, "two/iter_14.pth", "two_resumed/iter_14.pth")


def test_one_process_resumes_bitwise_with_workers_too(gan):
    train(gan, "one")
    options = ["--cfg-options", "train_dataloader.num_workers=2"]
    train(gan, "one_resumed", "--resume", "one/iter_12.pth", *options)
    assert_same(gan, "one/iter_30.pth", "one_resumed/iter_30.pth")
    (log,) = (gan.folder / "one").glob("*/vis_data/scalars.json")
    steps = [line for line in map(json.loads, log.read_text().splitlines()) if "loss_global" in line]
    assert len(steps) == 30
    assert all(min(line["grad_norm_generator"], line["grad_norm_discriminator"]) > 0 for line in steps)
    before, after = (load(gan, f"one/iter_{n}.pth")["state_dict"] for n in (12, 30))
    trained = [name for name in before if name.endswith((".conv1.weight", ".bias", ".original"))]
    assert trained
    assert not any(torch.equal(after[name], before[name]) for name in trained)


def test_a_batch_that_is_not_a_number_ends_the_training_with_one_message(gan):
    output = train(gan, "broken", ok=False, NAN_AT=5)
    assert "Traceback" not in output
    last = output.strip().splitlines()[-1]
    assert last.startswith("Error: The training broke down: loss_global, loss_local, loss_feature")
    assert "broken/iter_4.pth; the batch is in " in last
    assert "broken/not_finite_iter_5_rank_0.pth. Look at" in last
    saved = load(gan, "broken/not_finite_iter_5_rank_0.pth")
    assert saved["inputs"]["darkened"][0].isnan().sum() == 1
    assert all(sample["img_path"].endswith(".png") for sample in saved["samples"])
    weights = load(gan, "broken/iter_4.pth")["state_dict"]
    assert all(value.isfinite().all() for value in weights.values())
    assert not (gan.folder / "broken/iter_6.pth").exists()


def test_a_wrong_file_of_features_ends_it_with_one_message(gan):
    torch.save({"features.0.weight": torch.zeros(64, 3, 3, 3)}, gan.folder / "part.pth")
    options = ["--cfg-options", "model.feature_loss.features.weights=part.pth"]
    output = train(gan, "no_features", *options, ok=False)
    assert "Traceback" not in output
    assert "Error: 'part.pth' does not fit the VGG-16: it lacks 3 of its 4 weights" in output
