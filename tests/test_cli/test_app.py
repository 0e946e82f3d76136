import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mmlle.app.limits import Limits
from mmlle.cli.app import main, parse_args

ROOT = Path(__file__).resolve().parents[2]


def test_the_arguments():
    args = parse_args([])
    assert (args.host, args.port, args.model, args.device) == ("127.0.0.1", 7860, None, None)
    assert Limits(args.max_megapixels, args.max_megabytes, args.max_files) == Limits()
    args = parse_args(["--model", "pairlie", "sgz", "--max-megapixels", "12.5", "--port", "0"])
    assert (args.model, args.max_megapixels, args.port) == (["pairlie", "sgz"], 12.5, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "retinex"], "There is no model 'retinex': name one of enhancenet"),
        (["--port", "70000"], "--port is a number from 0 to 65535, got 70000"),
        (["--host", "256.1.1.1.1"], "The page cannot be at 256.1.1.1.1, port 7860"),
        (["--max-megapixels", "0"], "The limit of megapixels must be above 0, got 0."),
    ],
)
def test_what_the_user_can_put_right_is_a_message(stopped, arguments, message):
    pytest.importorskip("gradio", reason="needs the extra app")
    assert message in stopped(main, arguments)


def test_without_gradio_it_is_named(stopped, monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    for name in ("mmlle.app.page", "mmlle.app.server"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert stopped(main, []) == 'Error: The page needs Gradio; run: pip install "gradio>=5.35,<6"'


class Command:
    """``mmlle app`` in a process with folders of its own."""

    def __init__(self, folder, *arguments):
        self.folders = [folder / name for name in ("home", "temporary", "work")]
        for each in self.folders:
            each.mkdir(exist_ok=True)
        home, temporary, work = self.folders
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mmlle", "app", "--port", "0", "--device", "cpu", *arguments],
            env=dict(PATH=os.environ["PATH"], PYTHONPATH=str(ROOT), HOME=str(home), TMPDIR=str(temporary)),
            cwd=work,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        line = ""
        while "The page is at" not in line:
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
        self.url = re.search(r"http://127\.0\.0\.1:\d+", line)[0]

    def files(self):
        """Names of the files in its folders, but for those that importing YAPF leaves."""
        files = [path for folder in self.folders for path in folder.rglob("*") if path.is_file()]
        return [path for path in files if "YAPF" not in path.parts]


@pytest.mark.slow
class TestProcess:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_it_writes_to_its_folder_alone_and_leaves_nothing(self, tmp_path, number):
        command = Command(tmp_path, "--model", "sgz")
        assert httpx.get(command.url).status_code == 200
        upload = httpx.post(f"{command.url}/gradio_api/upload", files=[("files", ("x.png", b"content"))])
        assert Path(upload.json()[0]).read_bytes() == b"content"
        assert {path.relative_to(tmp_path).parts[0] for path in command.files()} == {"temporary"}
        assert len(os.listdir(tmp_path / "temporary")) == 1
        command.process.send_signal(number)
        _, errors = command.process.communicate(timeout=60)
        assert command.process.returncode == 0
        assert "Traceback" not in errors
        assert command.files() == []
        assert os.listdir(tmp_path / "temporary") == []

    def test_what_a_killed_one_leaves_the_next_one_removes(self, tmp_path):
        command = Command(tmp_path, "--model", "sgz")
        (left,) = (tmp_path / "temporary").iterdir()
        command.process.kill()
        command.process.communicate()
        assert left.exists()
        command = Command(tmp_path, "--model", "sgz")
        assert not left.exists()
        command.process.terminate()
        command.process.communicate(timeout=60)
