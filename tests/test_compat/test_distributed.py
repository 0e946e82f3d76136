import os
import socket

import pytest
import torch
from mmengine.model import MMDistributedDataParallel

from mmlle.compat import distributed
from mmlle.compat.distributed import init_distributed

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="with a GPU everything is left to MMEngine")

#: Two iterations of a Runner in two processes; each process sees other data.
TRAIN = """
import atexit
import sys
from pathlib import Path
import torch
from mmengine.dist import all_gather_object, get_backend, get_world_size
from mmengine.model import BaseModel
from mmengine.runner import Runner

@atexit.register  # runs after what is registered later
def count_threads():
    names = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    print(f"THREADS {sum('gloo' in name for name in names)}\\n", end="")

launcher, repair, wrapper = sys.argv[1:]
if repair == "repair":
    from mmlle.compat.distributed import init_distributed
    init_distributed(launcher, dict(backend="nccl", timeout=60))
elif repair == "group only":
    torch.distributed.init_process_group("gloo")

class Toy(BaseModel):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Linear(1, 1)
    def forward(self, inputs, mode):
        return dict(loss=self.layer(inputs).square().mean())
    def train_step(self, data, optim_wrapper):
        # What a model with optimisers of its own does under the separate wrapper.
        loss = self.layer(torch.stack(data)).square().mean()
        optim_wrapper.update_params(loss)
        return dict(loss=loss)

runner = Runner(
    Toy(), work_dir="work", experiment_name="toy", launcher=launcher,
    train_dataloader=dict(dataset=torch.arange(8.0).reshape(8, 1), batch_size=1,
                          sampler=dict(type="DefaultSampler", shuffle=False)),
    train_cfg=dict(by_epoch=False, max_iters=2),
    optim_wrapper=dict(optimizer=dict(type="SGD", lr=0.01)),
    cfg=dict(model_wrapper_cfg=dict(type=wrapper)) if wrapper else None,
)
before = {k: v.clone() for k, v in runner.model.state_dict().items()}
runner.train()
weights = [v.item() for v in runner.model.state_dict().values()]
assert weights != [v.item() for v in before.values()]
everyones = all_gather_object(weights)
assert everyones[0] == everyones[1], everyones
if runner.rank == 0:
    print("RESULT", get_backend(), get_world_size(), torch.multiprocessing.get_start_method())
"""

TORCHRUN = """
import runpy, sys
sys.argv = ["torchrun", "--nproc_per_node", "2", "--master_port", *sys.argv[1:]]
runpy.run_module("torch.distributed.run", run_name="__main__")
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def torchrun(run_python, tmp_path):
    def run(repair, wrapper=""):
        (tmp_path / "train.py").write_text(TRAIN)
        return run_python(TORCHRUN, str(free_port()), "train.py", "pytorch", repair, wrapper)

    return run


@pytest.mark.parametrize(
    ("repair", "message"),
    [("no repair", "set_device"), ("group only", "device_ids")],
)
def test_without_the_repair_it_fails(run_python, repair, message):
    # One process of one is enough for that, and what torchrun would tell it.
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    rank = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1"}
    result = run_python(TRAIN, "pytorch", repair, "", **address, **rank)
    assert result.returncode != 0
    assert message in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("wrapper", ["", "MMSeparateDistributedDataParallel"])
def test_with_it_two_processes_end_with_the_same_weights(torchrun, wrapper):
    result = torchrun("repair", wrapper)
    assert result.returncode == 0, result.stderr
    assert "RESULT gloo 2 fork" in result.stdout
    # A thread that outlives the interpreter aborts the process, once in ten runs or so.
    assert result.stdout.count("THREADS 0") == 2


def test_slurm_without_its_local_id(run_python, tmp_path):
    # Slurm's own command, which MMEngine asks for the address of the first node.
    scontrol = tmp_path / "scontrol"
    scontrol.write_text("#!/bin/sh\necho 127.0.0.1\n")
    scontrol.chmod(0o755)
    result = run_python(
        "from mmlle.compat.distributed import init_distributed; import os\n"
        "init_distributed('slurm', dict(port=int(os.environ['PORT'])))\n"
        "from mmengine.dist import get_backend, get_world_size\n"
        "print(get_backend(), get_world_size(), os.environ['LOCAL_RANK'])",
        PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        SLURM_PROCID="0",
        SLURM_NTASKS="1",
        SLURM_NODELIST="node1",
        PORT=str(free_port()),
    )
    assert result.stdout.strip() == "gloo 1 0", result.stderr


def test_jobs_of_slurm_do_not_meet_at_one_port(monkeypatch):
    monkeypatch.setattr(distributed, "get_device", lambda: "cuda")
    for name, value in dict(SLURM_JOB_ID="7", SLURM_STEP_ID="0", MASTER_PORT="").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MASTER_PORT")
    init_distributed("slurm")
    assert os.environ["MASTER_PORT"] == "20427"
    monkeypatch.setenv("MASTER_PORT", "1234")
    init_distributed("slurm")
    assert os.environ["MASTER_PORT"] == "1234"


def test_mpi_gets_the_local_rank_that_the_runner_reads(run_python):
    result = run_python(
        "from mmlle.compat.distributed import init_distributed; import os\n"
        "init_distributed('mpi')\n"
        "from mmengine.dist import get_backend, get_world_size\n"
        "print(get_backend(), get_world_size(), os.environ['LOCAL_RANK'])",
        OMPI_COMM_WORLD_LOCAL_RANK="0",
        OMPI_COMM_WORLD_RANK="0",
        OMPI_COMM_WORLD_SIZE="1",
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(free_port()),
    )
    assert result.stdout.strip() == "gloo 1 0", result.stderr


def test_one_process_needs_no_group():
    init_distributed("none")
    assert not torch.distributed.is_initialized()


def test_an_unknown_launcher_is_refused():
    with pytest.raises(ValueError, match="none, pytorch, slurm or mpi.*'torch'"):
        init_distributed("torch")


def test_with_an_accelerator_nothing_is_done(monkeypatch):
    monkeypatch.setattr(distributed, "get_device", lambda: "cuda")
    monkeypatch.setattr(distributed, "init_dist", lambda *_, **__: pytest.fail("was called"))
    before = MMDistributedDataParallel.__init__
    init_distributed("pytorch")
    assert MMDistributedDataParallel.__init__ is before


def test_a_module_elsewhere_keeps_its_device_ids(monkeypatch):
    seen = []
    monkeypatch.setattr(
        MMDistributedDataParallel, "__init__", lambda self, module, **kwargs: seen.append(kwargs)
    )
    distributed._drop_device_ids_on_cpu()
    with torch.device("meta"):
        elsewhere = torch.nn.Linear(1, 1)
    MMDistributedDataParallel(elsewhere, device_ids=[1])
    MMDistributedDataParallel(module=torch.nn.Linear(1, 1), device_ids=[1])
    assert seen == [{"device_ids": [1]}, {"device_ids": None}]


def test_it_is_applied_once(monkeypatch):
    monkeypatch.setattr(MMDistributedDataParallel, "__init__", MMDistributedDataParallel.__init__)
    distributed._drop_device_ids_on_cpu()
    once = MMDistributedDataParallel.__init__
    distributed._drop_device_ids_on_cpu()
    assert MMDistributedDataParallel.__init__ is once
