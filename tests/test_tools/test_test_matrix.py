import runpy
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools/test_matrix.py"


@pytest.fixture
def script(monkeypatch):
    """The script, and the commands that it would have run."""
    names = runpy.run_path(str(SCRIPT))
    commands = []

    def run(*command, environment=None):
        commands.append(list(map(str, command)))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setitem(names["main"].__globals__, "run", run)
    return names, commands


def test_an_environment_has_what_its_row_names(script, tmp_path):
    names, commands = script
    assert names["make_environment"](("3.10", "2.6", "1.26", "lite"), tmp_path) is None
    needs = (tmp_path / "needs.txt").read_text().splitlines()
    assert {"torch==2.6.*", "torchvision==0.21.*", "numpy==1.26.*", "mmcv-lite>=2.1.0,<2.2"} <= set(needs)
    assert commands[0][-3:-1] == ["--python", "3.10"]
    assert "mediapipe" in (tmp_path / "overrides.txt").read_text()
    assert len(commands) == 2


def test_full_mmcv_is_compiled_last(script, tmp_path):
    names, commands = script
    names["make_environment"](("3.11", "2.11", "1.26", "full"), tmp_path)
    assert "mmcv" not in [line[:4] for line in (tmp_path / "needs.txt").read_text().splitlines()]
    assert "--no-build-isolation" in commands[-1]
    assert commands[-1][-1] == "mmcv>=2.1.0,<2.2"


def test_interpreters_may_keep_what_they_compile(script, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    asked = script[0]["run"](sys.executable, "-c", "import sys; print(sys.dont_write_bytecode)")
    assert asked.stdout == "False\n"


def test_a_row_is_written_and_the_others_stay(script, tmp_path):
    names, _ = script
    table = tmp_path / "table.md"
    table.write_text("Before\n\n" + "\n".join(names["HEADER"]) + "\n\nAfter\n")
    first, second = names["ROWS"][0], names["ROWS"][-1]
    names["write_row"](table, second, "numpy 2.0", "passed: 1 passed")
    names["write_row"](table, first, "–", "cannot be installed: no file")
    lines = table.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("Before", "After")
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[4:-2]]
    assert [row[:4] for row in rows] == list(names["ROWS"])
    assert rows[0][4:] == ("–", "cannot be installed: no file")
    assert rows[-1][4:] == ("numpy 2.0", "passed: 1 passed")
    assert rows[1][4:] == ("–", "not run")


def test_a_row_that_is_none_is_named(script):
    with pytest.raises(SystemExit, match=r"no row begins with 3\.9; there are 3\.10-"):
        script[0]["main"](["--only", "3.9"])
