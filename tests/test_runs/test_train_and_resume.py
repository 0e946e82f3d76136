"""tools/train.py and tools/dist_train.sh as a user runs them."""

import socket
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@pytest.fixture(scope="module", params=["sgz", "pairlie", "enhancenet"])
def method(request):
    """Name of a method, its config NAME.py in the workspace."""
    return request.param


def test_two_processes_train_like_one_with_twice_the_batch(workspace, method):
    workspace.train(config=f"{method}.py", work_dir=f"{method}_one")
    output = workspace.run(
        "env",
        f"PORT={free_port()}",
        "bash",
        str(ROOT / "tools/dist_train.sh"),
        f"{method}.py",
        "2",
        "--work-dir",
        f"{method}_two",
        "--cfg-options",
        "train_dataloader.batch_size=2",
    )
    assert "[1][5/5]" in output
    one, two = (workspace.weights(f"{method}_{run}/epoch_1.pth") for run in ("one", "two"))
    assert one.keys() == two.keys()
    for name, weight in one.items():
        torch.testing.assert_close(two[name], weight, rtol=0, atol=1e-5)


#: Three epochs of five steps, a checkpoint after every second step.
THREE_EPOCHS = [
    "--cfg-options",
    "train_cfg.max_epochs=3",
    "train_cfg.val_interval=10",
    "default_hooks.checkpoint.interval=2",
    "default_hooks.checkpoint.by_epoch=False",
]


@pytest.fixture(scope="module")
def uninterrupted(workspace, method):
    """The weights after the last of the checkpoints, without a break."""
    workspace.train(*THREE_EPOCHS, config=f"{method}.py", work_dir=f"{method}_whole")
    return workspace.weights(f"{method}_whole/iter_14.pth")


@pytest.mark.parametrize("workers", [0, 2])
def test_resuming_within_an_epoch_gives_the_same_weights_bitwise(workspace, method, uninterrupted, workers):
    output = workspace.train(
        *THREE_EPOCHS,
        f"train_dataloader.num_workers={workers}",
        "--resume",
        f"{method}_whole/iter_8.pth",
        config=f"{method}.py",
        work_dir=f"{method}_resumed_{workers}",
    )
    assert "[2][4/5]" in output
    assert "[2][3/5]" not in output
    before = workspace.weights(f"{method}_whole/iter_8.pth")
    resumed = workspace.weights(f"{method}_resumed_{workers}/iter_14.pth")
    for name, weight in uninterrupted.items():
        assert torch.equal(resumed[name], weight), name
        assert not torch.equal(before[name], weight), f"{name} was not trained"


def test_resuming_without_a_name_goes_on_from_the_newest_checkpoint(workspace):
    options = ["--cfg-options", "train_cfg.val_interval=10"]
    workspace.train(*options, "train_cfg.max_epochs=3", work_dir="all")
    workspace.train(*options, "train_cfg.max_epochs=2", work_dir="parts")
    workspace.train("--resume", *options, "train_cfg.max_epochs=3", work_dir="parts")
    expected = workspace.weights("all/epoch_3.pth")
    for name, weight in workspace.weights("parts/epoch_3.pth").items():
        assert torch.equal(weight, expected[name]), name
