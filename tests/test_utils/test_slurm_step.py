import pytest

from mmlle.utils.slurm_step import port_of_step


@pytest.mark.parametrize(
    ("job", "step", "port"), [("1", "0", 20061), ("1", "1", 20062), ("2", "0", 20122), ("98765", "2", 24667)]
)
def test_each_step_has_a_port_of_its_own(monkeypatch, job, step, port):
    monkeypatch.setenv("SLURM_JOB_ID", job)
    monkeypatch.setenv("SLURM_STEP_ID", step)
    assert port_of_step() == port


def test_without_slurm_there_is_one(monkeypatch):
    for name in ("SLURM_JOB_ID", "SLURM_STEP_ID"):
        monkeypatch.delenv(name, raising=False)
    assert port_of_step() == 20000
