import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import benchmark_scaling  # noqa: E402


def test_one_process(workspace, capsys):
    benchmark_scaling.main(["config.py", "--repeats", "1", "--bandwidth", "1e-6", "--latency", "0"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "config.py: 1 processes, medians of 1 turns"
    values = sum(weight.numel() for weight in workspace.model.generator.parameters())
    (line,) = (line for line in lines if "gradients" in line)
    assert f"mean of {values:,} gradients, {4 * values:,} bytes" in line
    (line,) = (line for line in lines if line.startswith("2 "))
    assert line.split()[1:3] == [f"{4 * values:.3f}", "ms"]  # as many bytes at a thousand a second, both ways


@pytest.mark.parametrize("option", ["--repeats", "--bandwidth"])
def test_what_cannot_be_is_refused(capsys, option):
    with pytest.raises(SystemExit):
        benchmark_scaling.parse_args(["config.py", option, "0"])
    assert "--repeats takes at least 1, --bandwidth more than 0" in capsys.readouterr().err


@pytest.mark.slow
def test_two_processes(workspace):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", f"--master_port={port}"]
        + [benchmark_scaling.__file__, "config.py", "--launcher", "pytorch", "--repeats", "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "config.py: 2 processes over gloo, medians of 1 turns" in done.stdout
    assert done.stdout.count("of each process") == 1
