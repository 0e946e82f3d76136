import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Stands in for Python: tells a version, makes "environments" that hold a copy of itself, and
#: writes down what pip is asked for. Waits in pip, so that two runs at once would overlap.
PYTHON = r"""#!/usr/bin/env bash
case "$1 $2 $3" in
    "-c "*) echo "${FAKE_VERSION:-3.11}" ;;
    "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo venv >>"$LOG" ;;
    "-m pip install")
        [[ -z "${PYTHONPATH:-}" ]] || exit 9
        kind=lock
        [[ " $* " == *" -e "* ]] && kind="editable ${*: -1}"
        [[ "$kind" != lock || " $* " == *" --no-deps --require-hashes --only-binary :all: -r "* ]] || exit 8
        sleep "${FAKE_SECONDS:-0}"
        if [[ "${FAIL_AT:-}" == "${kind%% *}" ]]; then exit 7; fi
        if [[ "$kind" != lock ]]; then
            mkdir -p "${*: -1}/mmlle/.mim"
            for name in configs tools; do ln -sfn "../../$name" "${*: -1}/mmlle/.mim/$name"; done
        fi
        echo "$kind" >>"$LOG" ;;
esac
"""


class Setup:
    """A checkout, an environment to make, and the fake interpreter."""

    def __init__(self, folder):
        self.folder = folder
        self.venv = folder / "the environment" / "venv"
        self.log = folder / "log.txt"
        self.python = folder / "python"
        self.python.write_text(PYTHON)
        self.python.chmod(0o755)

    def checkout(self, name="a checkout"):
        root = self.folder / name
        parts = ("tools/setup_env.sh", "requirements/lock.txt", "setup.py", "mmlle/version.py")
        for part in parts:
            (root / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / part, root / part)
        (root / "configs").mkdir()
        return root

    def start(self, root, **environment):
        variables = {"MMLLE_VENV": self.venv, "PYTHON": self.python, "LOG": self.log}
        variables = {name: str(value) for name, value in {**variables, **environment}.items()}
        return subprocess.Popen(
            ["bash", str(root / "tools" / "setup_env.sh")],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": "elsewhere", **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, root, **environment):
        process = self.start(root, **environment)
        process.out, process.err = process.communicate(timeout=60)
        return process

    def done(self):
        """What was done since the last call."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def setup(tmp_path):
    return Setup(tmp_path)


def test_a_new_environment_then_nothing_more(setup):
    root = setup.checkout()
    first = setup.run(root)
    assert first.returncode == 0, first.err
    assert setup.done() == ["venv", "lock", f"editable {root}"]
    second = setup.run(root)
    assert second.returncode == 0
    assert second.out == f"The environment {setup.venv} is up to date.\n"
    assert setup.done() == []


def test_the_environment_is_in_the_checkout_by_default(setup):
    root = setup.checkout()
    assert setup.run(root, MMLLE_VENV="").returncode == 0
    assert (root / ".venv" / "bin" / "python").exists()


def test_a_relative_folder_is_the_callers(setup):
    assert setup.run(setup.checkout(), MMLLE_VENV="mine").returncode == 0
    assert (setup.folder / "mine" / "bin" / "python").exists()


def test_another_checkout_installs_only_itself(setup):
    setup.run(setup.checkout())
    setup.done()
    other = setup.checkout("another checkout")
    assert setup.run(other).returncode == 0
    assert setup.done() == [f"editable {other}"]


def test_another_setup_installs_only_the_checkout(setup):
    root = setup.checkout()
    setup.run(root)
    setup.done()
    (root / "setup.py").write_text("another console script")
    assert setup.run(root).returncode == 0
    assert setup.done() == [f"editable {root}"]


def test_a_new_clone_at_the_old_place_is_installed(setup):
    root = setup.checkout()
    setup.run(root)
    setup.done()
    shutil.rmtree(root)
    assert setup.run(setup.checkout()).returncode == 0
    assert setup.done() == [f"editable {root}"]


def test_another_lock_makes_it_anew(setup):
    root = setup.checkout()
    setup.run(root)
    setup.done()
    left = setup.venv / "left-over"
    left.touch()
    (root / "requirements" / "lock.txt").write_text("other==1.0\n")
    assert setup.run(root).returncode == 0
    assert setup.done() == ["venv", "lock", f"editable {root}"]
    assert not left.exists()


def test_a_half_made_environment_is_made_anew(setup):
    root = setup.checkout()
    assert setup.run(root, FAIL_AT="lock").returncode == 7
    assert setup.done() == ["venv"]
    assert setup.run(root).returncode == 0
    assert setup.done() == ["venv", "lock", f"editable {root}"]


def test_a_failed_last_step_is_all_that_is_repeated(setup):
    root, other = setup.checkout(), setup.checkout("another checkout")
    setup.run(root)
    setup.done()
    assert setup.run(other, FAIL_AT="editable").returncode == 7
    # Which of the two is installed is not known now: neither may call it up to date.
    assert setup.run(root).returncode == 0
    assert setup.done() == [f"editable {root}"]


def test_a_broken_interpreter_makes_it_anew(setup):
    root = setup.checkout()
    setup.run(root)
    setup.done()
    (setup.venv / "bin" / "python").unlink()
    assert setup.run(root).returncode == 0
    assert setup.done()[0] == "venv"


def test_an_environment_of_somebody_else_is_left_alone(setup):
    setup.venv.mkdir(parents=True)
    (setup.venv / "pyvenv.cfg").write_text("mine")
    result = setup.run(setup.checkout())
    assert result.returncode == 1
    assert f"{setup.venv} is there and was not made by this script" in result.err
    assert setup.done() == []
    assert (setup.venv / "pyvenv.cfg").read_text() == "mine"


@pytest.mark.parametrize(
    ("environment", "found"),
    [({"FAKE_VERSION": "3.13"}, "is 3.13"), ({"PYTHON": "/no/such/python"}, "is not there")],
)
def test_a_wrong_interpreter_is_named(setup, environment, found):
    result = setup.run(setup.checkout(), **environment)
    assert result.returncode == 1
    assert "requirements/lock.txt is for Python 3.11" in result.err
    assert found in result.err
    assert not setup.venv.exists()


@pytest.mark.skipif(shutil.which("flock") is None, reason="flock is not installed")
def test_two_at_once_make_it_once(setup):
    root = setup.checkout()
    processes = [setup.start(root, FAKE_SECONDS="0.5") for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert setup.done() == ["venv", "lock", f"editable {root}"]
    assert sum("is up to date" in output for output in outputs) == 1
