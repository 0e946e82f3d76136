"""A cluster of two nodes to submit batch jobs to: Slurm's stand-in."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from workspace import ROOT

#: Seconds within which a job must come to what is waited for.
PATIENCE = 240


class Cluster:
    """Slurm's commands, run in a folder.

    Args:
        state: Where the stand-in keeps what it knows of jobs.
        folder: Where the commands are run.
    """

    def __init__(self, state: Path, folder: Path) -> None:
        self.folder, self.state_folder = folder, state / "jobs"
        self.commands = state / "commands"
        self.commands.mkdir(parents=True)
        for name in ("sbatch", "srun", "scontrol", "scancel"):
            stand_in = ROOT / "tests/stand_ins/slurm.py"
            self.add_command(name, f'exec "{sys.executable}" -S "{stand_in}" {name} "$@"')
        search = (str(self.commands), os.path.dirname(sys.executable), os.environ["PATH"])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SLURM_")}
        self.environment = {
            **kept,
            "PATH": os.pathsep.join(search),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "FAKE_SLURM": str(self.state_folder),
        }

    def add_command(self, name: str, text: str) -> None:
        """Make a command that goes before those of the system."""
        (self.commands / name).write_text(f"#!/usr/bin/env bash\n{text}\n")
        (self.commands / name).chmod(0o755)

    def run(self, *command: str, **environment: str) -> str:
        """Run a command, which must succeed; its output, both streams together."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    def submit(self, *arguments: str, tasks: int = 1, **environment: str) -> str:
        """Submit tools/slurm_train.sbatch for two nodes, of so many tasks each; gives the job's number."""
        options = ("--nodes=2", f"--ntasks-per-node={tasks}", "--gres=none")
        script = str(ROOT / "tools/slurm_train.sbatch")
        said = self.run("sbatch", *options, script, *arguments, **environment)
        return re.fullmatch(r"Submitted batch job (\d+)\n", said)[1]

    def output(self, job: str) -> str:
        """What a job has printed."""
        path = self.folder / f"mmlle-{job}.out"
        return path.read_text() if path.is_file() else ""

    def wait_for(self, job: str, pattern: str) -> None:
        """Wait until a job has printed what is looked for."""
        self._wait(job, lambda: re.search(pattern, self.output(job), re.S))

    def end(self, job: str) -> str:
        """Wait until a job is over; gives its state."""
        self._wait(job, lambda: self.state(job) not in ("PENDING", "RUNNING"))
        return self.state(job)

    def state(self, job: str) -> str:
        """Where a job is, in Slurm's words."""
        return (self.state_folder / job / "state").read_text()

    def _wait(self, job, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.output(job)[-3000:]
            assert self.state(job) in ("PENDING", "RUNNING"), self.output(job)[-3000:]
            time.sleep(0.03)
