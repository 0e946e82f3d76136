"""Batch jobs under a stand-in for Slurm, whose nodes are addresses of this machine, over gloo."""

import subprocess

import pytest
import torch
from slurm_cluster import Cluster
from workspace import ROOT

#: Ten epochs of five steps, and a checkpoint at the end of each; two images in each of two processes.
TRAINING = (
    *("--cfg-options", "train_cfg.max_epochs=10", "train_cfg.val_interval=10"),
    *("train_dataloader.batch_size=2", "train_dataloader.num_workers=1"),
)


@pytest.fixture
def cluster(tmp_path, workspace):
    return Cluster(tmp_path, workspace.folder)


def test_a_job_that_is_preempted_twice_ends_with_the_weights_of_an_undisturbed_one(cluster, workspace):
    undisturbed = cluster.submit("sgz.py", *TRAINING, WORK_DIR="undisturbed")
    assert cluster.end(undisturbed) == "COMPLETED", cluster.output(undisturbed)

    job = cluster.submit("sgz.py", *TRAINING, WORK_DIR="preempted")
    cluster.wait_for(job, r"Epoch\(train\) +\[1\]\[2/5\]")
    cluster.run("scancel", "--batch", "--signal=USR1", job)  # as Slurm does before the time is over
    cluster.wait_for(job, r"Stopped by SIGTERM after.*starts job \d+ again.*Resuming from.*\(train\) +\[3\]")
    cluster.run("scancel", "--signal=TERM", job)  # and this when a job is preempted
    cluster.wait_for(job, r"(Stopped by SIGTERM after.*){2}(Resuming from.*)\[\d\]\[\d/5\]")
    assert cluster.end(job) == "COMPLETED", cluster.output(job)
    said = cluster.output(job)
    assert said.count("The training goes on when Slurm starts job") == 2
    assert "Traceback" not in said

    one, other = (workspace.weights(f"{name}/epoch_10.pth") for name in ("undisturbed", "preempted"))
    assert one.keys() == other.keys()
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    left = {path.name for path in (workspace.folder / "preempted").glob("*") if path.is_file()}
    assert not {name for name in left if name.startswith((".started", ".writing", "interrupted"))}


def test_each_node_has_the_data_on_a_disk_of_its_own(cluster, workspace, tmp_path):
    folder = workspace.folder
    subprocess.run(["tar", "-cf", tmp_path / "data.tar", "-C", folder, "data"], check=True)
    (folder / "data").rename(folder / "elsewhere")
    try:
        job = cluster.submit(
            "pairlie.py",
            *("--cfg-options", "train_cfg.max_epochs=1", "train_dataloader.batch_size=2"),
            DATA_TAR=str(tmp_path / "data.tar"),
            LOCAL_DIR=str(tmp_path / "local"),
        )
        assert cluster.end(job) == "COMPLETED", cluster.output(job)
        assert not (folder / "data").exists()
    finally:
        (folder / "elsewhere").rename(folder / "data")
    assert (folder / "work_dirs/pairlie/epoch_1.pth").is_file()
    assert not list((tmp_path / "local").iterdir())


def test_two_nodes_of_two_processes_meet_by_slurms_variables(cluster):
    output = cluster.run(
        *("bash", str(ROOT / "tools/slurm_train.sh"), "any", "job", "sgz.py", "--work-dir", "four"),
        *("--cfg-options", "train_dataloader.batch_size=1", "train_cfg.max_epochs=1"),
        GPUS="4",
        GPUS_PER_NODE="2",
    )
    assert "Distributed launcher: slurm" in output
    assert "GPU number: 4" in output
    assert "[1][5/5]" in output
