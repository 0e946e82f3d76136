"""The shell scripts, with commands in the place of `python` and `srun` that write down their arguments."""

import os
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"

RECORDER = """#!/usr/bin/env bash
printf '%s\\0' "$@" >"$RECORD"
exit 3
"""


@pytest.fixture
def launch(tmp_path):
    """Run a script from another folder; returns its result and the arguments of the command it started."""
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("python", "srun"):
        (commands / name).write_text(RECORDER)
        (commands / name).chmod(0o755)
    caller = tmp_path / "a folder"
    caller.mkdir()

    def run(script, *arguments, **environment):
        record = tmp_path / "record"
        record.unlink(missing_ok=True)
        settings = ("NNODES", "NODE_RANK", "MASTER_ADDR", "PORT", "SRUN_ARGS")
        settings += ("GPUS", "GPUS_PER_NODE", "CPUS_PER_TASK")
        inherited = {key: value for key, value in os.environ.items() if key not in settings}
        path = f"{commands}{os.pathsep}{os.environ['PATH']}"
        result = subprocess.run(
            ["bash", str(TOOLS / script), *arguments],
            cwd=caller,
            env={**inherited, "PATH": path, "RECORD": str(record), **environment},
            capture_output=True,
            text=True,
        )
        recorded = record.read_text().split("\0")[:-1] if record.exists() else None
        return result, recorded

    return run


def test_dist_train(launch):
    result, arguments = launch("dist_train.sh", "configs/my config.py", "2", "--cfg-options", "a.b='c d'")
    assert result.returncode == 3  # the launcher's own
    assert arguments == [
        "-m",
        "torch.distributed.run",
        "--nnodes=1",
        "--node-rank=0",
        "--nproc-per-node=2",
        "--master-addr=127.0.0.1",
        "--master-port=29500",
        str(TOOLS / "train.py"),
        "configs/my config.py",
        "--launcher",
        "pytorch",
        "--cfg-options",
        "a.b='c d'",
    ]


def test_dist_test_on_several_machines(launch):
    _, arguments = launch(
        "dist_test.sh",
        "c.py",
        "the weights.pth",
        "4",
        "--out",
        "m.json",
        NNODES="3",
        NODE_RANK="2",
        MASTER_ADDR="node0",
        PORT="1234",
    )
    assert arguments == [
        "-m",
        "torch.distributed.run",
        "--nnodes=3",
        "--node-rank=2",
        "--nproc-per-node=4",
        "--master-addr=node0",
        "--master-port=1234",
        str(TOOLS / "test.py"),
        "c.py",
        "the weights.pth",
        "--launcher",
        "pytorch",
        "--out",
        "m.json",
    ]


def test_slurm_train(launch):
    result, arguments = launch("slurm_train.sh", "gpu part", "job", "my config.py", "--amp", GPUS="16")
    assert result.returncode == 3
    assert arguments == [
        "--partition=gpu part",
        "--job-name=job",
        "--gres=gpu:8",
        "--ntasks=16",
        "--ntasks-per-node=8",
        "--cpus-per-task=5",
        "--kill-on-bad-exit=1",
        "python",
        "-u",
        str(TOOLS / "train.py"),
        "my config.py",
        "--launcher",
        "slurm",
        "--amp",
    ]


def test_slurm_test_with_settings(launch):
    _, arguments = launch(
        "slurm_test.sh",
        "part",
        "job",
        "c.py",
        "w.pth",
        GPUS="2",
        CPUS_PER_TASK="1",
        SRUN_ARGS="--time=1:00:00 --quotatype=*",
    )
    assert arguments == [
        "--partition=part",
        "--job-name=job",
        "--gres=gpu:2",
        "--ntasks=2",
        "--ntasks-per-node=2",
        "--cpus-per-task=1",
        "--kill-on-bad-exit=1",
        "--time=1:00:00",
        "--quotatype=*",
        "python",
        "-u",
        str(TOOLS / "test.py"),
        "c.py",
        "w.pth",
        "--launcher",
        "slurm",
    ]
    _, arguments = launch("slurm_test.sh", "p", "j", "c.py", "w.pth", GPUS="8", GPUS_PER_NODE="4")
    assert {"--gres=gpu:4", "--ntasks=8", "--ntasks-per-node=4"} <= set(arguments)


@pytest.mark.parametrize(
    ("script", "arguments", "usage"),
    [
        ("dist_train.sh", ["c.py"], "CONFIG NUM_PROCESSES [options of tools/train.py]"),
        ("dist_test.sh", ["c.py", "2"], "CONFIG CHECKPOINT NUM_PROCESSES [options of tools/test.py]"),
        ("slurm_train.sh", ["p", "j"], "PARTITION JOB_NAME CONFIG [options of tools/train.py]"),
        (
            "slurm_test.sh",
            ["p", "j", "c.py"],
            "PARTITION JOB_NAME CONFIG CHECKPOINT [options of tools/test.py]",
        ),
    ],
)
def test_missing_arguments_show_the_usage(launch, script, arguments, usage):
    result, started = launch(script, *arguments)
    assert result.returncode == 2
    assert result.stderr.startswith(f"Usage: bash {TOOLS / script} {usage}\n")
    assert started is None
