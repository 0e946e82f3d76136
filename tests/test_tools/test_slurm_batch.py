"""The batch script under a stand-in for Slurm, with a command in the place of `python`."""

import os
import subprocess

import pytest
from slurm_cluster import Cluster
from workspace import ROOT

#: A training of two tasks that says what it was called with, and then does as MODE says when it runs first.
TRAINING = """
echo "task $SLURM_PROCID in $(pwd): $*"
while [[ ${1:-} != --work-dir ]]; do shift; done
work_dir=$2
[[ -n ${SLURM_RESTART_COUNT:-} || $MODE == ends ]] && exit 0
[[ $MODE == fails && $SLURM_PROCID == 1 ]] && exit 1
stop() {
    [[ $SLURM_PROCID == 0 ]] || exit 0
    sleep 0.2
    touch "$work_dir/interrupted.pth"
    echo "Stopped by SIGTERM"
    exit 143
}
trap stop TERM
echo ready
while :; do sleep 0.01; done
"""

READY = "ready.*ready"


@pytest.fixture
def cluster(tmp_path):
    (tmp_path / "here").mkdir()
    made = Cluster(tmp_path / "slurm", tmp_path / "here")
    made.add_command("python", TRAINING)
    (made.folder / "my config.py").touch()
    return made


def test_the_training_of_all_tasks(cluster):
    job = cluster.submit("my config.py", "--amp", "--cfg-options", "a.b='c d'", MODE="ends")
    assert cluster.end(job) == "COMPLETED"
    here = cluster.folder
    arguments = (
        f"-u -m mmlle train {here}/my config.py --work-dir {here}/work_dirs/my config --launcher slurm"
    )
    lines = [f"task {i} in {here}: {arguments} --resume --amp --cfg-options a.b='c d'" for i in range(2)]
    assert sorted(cluster.output(job).splitlines()) == lines
    assert not list((here / "work_dirs/my config").iterdir())


@pytest.mark.parametrize(
    "signal", [("--batch", "--signal=USR1"), ("--signal=TERM",)], ids=["time", "preempted"]
)
def test_a_job_that_is_to_end_saves_and_goes_on_later(cluster, signal):
    job = cluster.submit("my config.py", MODE="waits")
    cluster.wait_for(job, READY)
    cluster.run("scancel", *signal, job)
    assert cluster.end(job) == "COMPLETED"
    output = cluster.output(job)
    assert output.count("Stopped by SIGTERM") == 1
    assert output.count("task 0 in") == output.count("task 1 in") == 2
    assert output.count(f"The training goes on when Slurm starts job {job} again.") == 1


def test_a_training_that_fails_is_not_tried_again(cluster):
    folder = cluster.folder / "run"
    folder.mkdir()
    (folder / "interrupted.pth").touch()
    os.utime(folder / "interrupted.pth", (1, 1))  # of an earlier job
    job = cluster.submit("my config.py", MODE="fails", WORK_DIR="run")
    assert cluster.end(job) == "FAILED"
    assert cluster.output(job).count("task 1 in") == 1


def test_nor_is_a_job_that_was_cancelled(cluster):
    job = cluster.submit("my config.py", MODE="waits")
    cluster.wait_for(job, READY)
    cluster.run("scancel", job)
    assert cluster.end(job) == "CANCELLED"
    assert cluster.output(job).count("task 0 in") == 1


def test_tasks_run_where_their_data_was_unpacked(cluster, tmp_path):
    (tmp_path / "data").mkdir()
    subprocess.run(["tar", "-cf", tmp_path / "data.tar", "-C", tmp_path, "data"], check=True)
    local = tmp_path / "local disk"
    environment = dict(DATA_TAR=str(tmp_path / "data.tar"), LOCAL_DIR=str(local), MODE="ends")
    job = cluster.submit("my config.py", **environment)
    assert cluster.end(job) == "COMPLETED"
    assert f"task 0 in {local}/mmlle_{job}: " in cluster.output(job)
    assert list(local.iterdir()) == []
    job = cluster.submit("my config.py", **{**environment, "DATA_TAR": "nowhere.tar"})
    assert cluster.end(job) == "FAILED"
    assert "nowhere.tar" in cluster.output(job)
    assert "task 0 in" not in cluster.output(job)


def test_outside_of_a_job_it_shows_the_usage(cluster):
    script = ROOT / "tools/slurm_train.sbatch"
    done = subprocess.run(
        ["bash", script, "my config.py"], env=cluster.environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: sbatch [options of sbatch] tools/slurm_train.sbatch CONFIG")
