import os
import subprocess
import sys

import pytest

from mmlle.apis import process_group
from mmlle.apis.process_group import ProcessGroup

VARIABLES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS")


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        dict(RANK="0", WORLD_SIZE="1", LOCAL_RANK="0"),
        dict(SLURM_PROCID="0", SLURM_STEP_NUM_TASKS="1"),
        dict(SLURM_PROCID="0", SLURM_NTASKS="4"),  # a batch script without srun
    ],
)
def test_one_process_is_no_group(monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    group = ProcessGroup.join()
    assert group == ProcessGroup(rank=0, size=1, local_rank=0)
    assert group.device() is None
    assert group.on_first(lambda: "x") == "x"
    assert group.gather("y") == ["y"]


@pytest.mark.parametrize(("gpus", "device"), [(0, None), (1, "cuda:0"), (4, "cuda:2"), (2, "cuda:0")])
def test_each_process_has_the_gpu_of_its_number(monkeypatch, gpus, device):
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    assert ProcessGroup(rank=6, size=8, local_rank=2).device() == device


def test_the_first_machine_of_a_slurm_step(monkeypatch, tmp_path):
    (tmp_path / "scontrol").write_text(
        '#!/bin/sh\n[ "$*" = "show hostnames n[3-4]" ] && echo n3 && echo n4\n'
    )
    (tmp_path / "scontrol").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert process_group._first_machine("n[3-4]") == "n3"


CODE = """
import sys
from mmlle.apis.process_group import ProcessGroup
from mmlle.utils.errors import UserError
group = ProcessGroup.join()
print(group.rank, group.on_first(lambda: "plan of " + str(group.rank)), flush=True)
values = group.gather(group.rank * 10)
print(group.rank, values, flush=True)
"""
FAILING = """
from mmlle.apis.process_group import ProcessGroup
from mmlle.utils.errors import UserError
def fail():
    raise UserError("no such folder")
group = ProcessGroup.join()
try:
    group.on_first(fail)
except UserError as error:
    print(group.rank, error)
    raise SystemExit(3)
"""
DYING = """
import os
from mmlle.apis.process_group import ProcessGroup
from mmlle.utils.errors import UserError
group = ProcessGroup.join()
group.on_first(lambda: 0)
if group.rank == 1:
    os._exit(9)
try:
    group.gather(0)
except UserError as error:
    print(error)
"""


def run_two(code, names=("RANK", "WORLD_SIZE", "LOCAL_RANK")):
    """Run code in two processes; their outputs and exit statuses."""
    import socket

    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = str(free.getsockname()[1])
    path = os.pathsep.join(p for p in sys.path if p)
    shared = {**os.environ, "PYTHONPATH": path, "MASTER_ADDR": "localhost", "MASTER_PORT": port}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**shared, **dict(zip(names, (str(rank), "2", str(rank)), strict=True))},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    return [(process.communicate(timeout=120)[0].splitlines(), process.returncode) for process in processes]


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [("RANK", "WORLD_SIZE", "LOCAL_RANK"), ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID")],
)
def test_the_first_one_plans_and_gets_the_results(names):
    assert run_two(CODE, names) == [
        (["0 plan of 0", "0 [0, 10]"], 0),
        (["1 plan of 0", "1 None"], 0),
    ]


@pytest.mark.slow
def test_an_error_of_the_first_one_is_told_once():
    assert run_two(FAILING) == [(["0 no such folder"], 3), ([], 1)]


@pytest.mark.slow
def test_one_that_dies_is_not_waited_for():
    (output, status), _ = run_two(DYING)
    assert output == ["Another one of the 2 processes ended early; begin again with --skip-existing."]
