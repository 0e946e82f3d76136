"""Processes that are stopped, killed or lose their data during a training, as a user's are."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
import torch
from workspace import ROOT

OPTIONS = (
    *("--cfg-options", "train_cfg.max_epochs=300", "train_cfg.val_interval=300"),
    *("train_dataloader.num_workers=2", "train_dataloader.persistent_workers=True"),
)


@pytest.fixture
def start(workspace, request):
    """Start tools/train.py; gives the process once it has trained some steps."""
    started = []

    def run(work_dir, *launcher, options=()):
        command = [sys.executable, *launcher, str(ROOT / "tools/train.py"), "sgz.py", "--work-dir", work_dir]
        process = subprocess.Popen(
            [*command, *options, *OPTIONS],
            cwd=workspace.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        started.append(process)
        lines = []
        for line in process.stdout:
            lines.append(line)
            if re.search(r"Epoch\(train\) +\[2\]", line):
                return process
        raise AssertionError("".join(lines[-30:]))

    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def last_line(process, patience=60):
    """The end of a training: its last line."""
    output, _ = process.communicate(timeout=patience)
    assert "Traceback" not in output
    return output.strip().splitlines()[-1]


def workers(process):
    children = f"/proc/{process.pid}/task/{process.pid}/children"
    if not os.path.exists(children):
        pytest.skip("this system does not list a process's children")
    with open(children) as file:
        return [int(number) for number in file.read().split()]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_to_all_processes_of_a_training(start, workspace, number, status):
    folder = f"stopped_{number}"
    process = start(folder)
    os.killpg(process.pid, number)
    line = last_line(process)
    assert process.returncode == status
    assert line.startswith(f"Stopped by {number.name} after iteration ")
    assert (workspace.folder / folder / "interrupted.pth").is_file()
    output = workspace.train("--resume", "--cfg-options", "train_cfg.max_epochs=3", work_dir=folder)
    assert "Resuming from" in output
    assert not (workspace.folder / folder / "interrupted.pth").exists()


def test_a_killed_worker_is_the_last_line(start):
    process = start("worker")
    os.kill(workers(process)[0], signal.SIGKILL)
    # A worker's end is told by a signal: within a message of the log, logging shows it too, and goes on.
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert re.match(
        r"Error: A worker of a data loader (\(process \d+\) was killed by a signal \(Killed\)|"
        r"(\(process \d+\) )?ended unexpectedly), most often for lack of memory",
        output.strip().splitlines()[-1],
    )


def test_a_folder_of_images_that_vanishes(start, workspace):
    kept = workspace.folder / "kept"
    shutil.copytree(workspace.folder / "data", kept)
    process = start("vanished")
    shutil.rmtree(workspace.folder / "data/train")
    try:
        line = last_line(process)
    finally:
        shutil.copytree(kept, workspace.folder / "data", dirs_exist_ok=True)
        shutil.rmtree(kept)
    assert process.returncode == 1
    assert line.startswith("Error: The folder data/train of the images is gone")


def test_the_others_end_within_a_minute_of_a_rank_that_dies(start):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    launcher = ("-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", str(port))
    process = start("ranks", *launcher, options=("--launcher", "pytorch"))
    ranks = workers(process)
    assert len(ranks) == 2
    os.kill(ranks[1], signal.SIGKILL)
    begin = time.monotonic()
    process.communicate(timeout=60)
    assert time.monotonic() - begin < 60
    assert process.returncode != 0
    with pytest.raises(ProcessLookupError):
        os.kill(ranks[0], 0)


def test_two_trainings_of_one_seed_are_equal_bit_for_bit(workspace):
    for folder in ("one", "other"):
        workspace.train(work_dir=folder)
    one, other = (workspace.weights(f"{folder}/epoch_1.pth") for folder in ("one", "other"))
    assert one.keys() == other.keys()
    assert all(torch.equal(value, other[name]) for name, value in one.items())
