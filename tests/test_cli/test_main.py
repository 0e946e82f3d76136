import subprocess
import sys
from importlib import import_module

import pytest

import mmlle
from mmlle.cli.main import main


@pytest.mark.parametrize("command", ["enhance", "train", "test"])
def test_each_command_gets_the_arguments_after_its_name(monkeypatch, command):
    seen = []
    monkeypatch.setattr(import_module(f"mmlle.cli.{command}"), "main", seen.append)
    main([command, "a.py", "--flag", "-o", "out", "--", "x"])
    assert seen == [["a.py", "--flag", "-o", "out", "--", "x"]]


@pytest.mark.parametrize("command", ["enhance", "train", "test"])
def test_each_command_tells_its_own_arguments(capsys, command):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    expected = {"enhance": "--model", "train": "--auto-scale-lr", "test": "--show-dir"}[command]
    assert expected in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["improve"]])
def test_the_commands_are_listed_when_none_or_another_is_named(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "enhance" in capsys.readouterr().err


def test_the_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"mmlle {mmlle.__version__}\n"


def test_help_does_not_wait_for_pytorch():
    code = "import sys; from mmlle.cli.main import main\ntry: main(['--help'])\nfinally: "
    code += "print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *help_, torch_loaded = result.stdout.splitlines()
    assert torch_loaded == "False"
    assert any(line.startswith("enhance ") for line in help_)


def test_a_command_that_needs_a_package_that_is_missing_is_one_line(monkeypatch):
    def need(arguments):
        raise ModuleNotFoundError("No module named 'mmengine'", name="mmengine")

    monkeypatch.setattr(import_module("mmlle.cli.env"), "main", need)
    with pytest.raises(SystemExit, match=r"^Error: mmengine is not installed\."):
        main(["env"])


def test_ctrl_c_is_one_line(monkeypatch, capsys):
    def interrupt(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("mmlle.cli.enhance"), "main", interrupt)
    with pytest.raises(SystemExit) as stop:
        main(["enhance"])
    assert stop.value.code == 130
    assert capsys.readouterr().err == "Interrupted.\n"


def test_a_reader_that_stops_reading_is_no_error_in_the_code():
    code = "import time; from mmlle.cli.main import main; time.sleep(0.5); main(['models'])"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1
