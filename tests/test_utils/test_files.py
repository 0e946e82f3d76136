import io
import os
import stat
import subprocess
import sys

import pytest

from mmlle.utils import files
from mmlle.utils.errors import UserError
from mmlle.utils.files import check_writable, write_bytes


class TestWriteBytes:
    @pytest.mark.parametrize("step", ["write", "replace"])
    def test_a_write_that_fails_leaves_what_was_there(self, tmp_path, monkeypatch, step):
        (tmp_path / "x.bin").write_bytes(b"old")

        class FullDisk(io.FileIO):
            def write(self, content):
                raise OSError(28, "No space left on device")

        def fail(*arguments):
            raise OSError(5, "Input/output error")

        if step == "write":
            monkeypatch.setattr(files, "open", FullDisk, raising=False)
        else:
            monkeypatch.setattr(files.os, "replace", fail)
        with pytest.raises(OSError, match="No space left|Input/output"):
            write_bytes(tmp_path / "x.bin", b"new")
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"x.bin": b"old"}

    def test_an_existing_file_is_replaced(self, tmp_path):
        write_bytes(tmp_path / "x.bin", b"old")
        write_bytes(tmp_path / "x.bin", b"new")
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"x.bin": b"new"}

    @pytest.mark.parametrize(("umask", "mode"), [("022", 0o644), ("077", 0o600), ("002", 0o664)])
    def test_permissions_follow_the_umask_of_the_process(self, tmp_path, umask, mode):
        # Setting the umask, if only to read it, would change the files of other threads.
        code = "import os; del os.umask; from mmlle.utils.files import write_bytes; write_bytes('x.bin', b'')"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        command = f'umask {umask}; "{sys.executable}" -c "{code}"'
        subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, check=True)
        assert stat.S_IMODE((tmp_path / "x.bin").stat().st_mode) == mode

    def test_what_a_killed_process_leaves_behind_can_be_removed(self, tmp_path):
        code = (
            "import os, signal\nfrom mmlle.utils.files import write_bytes\n"
            "os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)\nwrite_bytes('x.bin', b'new')"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        (tmp_path / "x.bin").write_bytes(b"old")
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment)
        assert done.returncode == -9
        assert len(list(tmp_path.iterdir())) == 2
        files.remove_unfinished(tmp_path)
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"x.bin": b"old"}

    def test_a_file_that_is_there_stays_if_it_must(self, tmp_path):
        write_bytes(tmp_path / "x.bin", b"old", replace=False)
        with pytest.raises(FileExistsError):
            write_bytes(tmp_path / "x.bin", b"new", replace=False)
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"x.bin": b"old"}

    def test_so_it_does_where_files_have_no_links(self, tmp_path, monkeypatch):
        def refuse(*paths):
            raise OSError(1, "Operation not permitted")

        monkeypatch.setattr(files.os, "link", refuse)
        self.test_a_file_that_is_there_stays_if_it_must(tmp_path)

    def test_what_another_process_is_writing_is_not_removed(self, tmp_path):
        code = (
            "import os\nfrom mmlle.utils.files import write_bytes\nreplace = os.replace\n"
            "os.replace = lambda *paths: (print(flush=True), input(), replace(*paths))\n"
            "write_bytes('x.bin', b'new')"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        with subprocess.Popen(
            [sys.executable, "-c", code], cwd=tmp_path, env=environment, **pipes
        ) as process:
            process.stdout.readline()
            files.remove_unfinished(tmp_path)
            process.communicate(b"\n")
        assert process.returncode == 0
        assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"x.bin": b"new"}


class TestCheckWritable:
    def test_it_makes_the_folder_and_leaves_nothing_in_it(self, tmp_path):
        check_writable(tmp_path / "new/out.json")
        assert [path.name for path in tmp_path.iterdir()] == ["new"]
        assert not list((tmp_path / "new").iterdir())

    def test_a_file_that_is_there_keeps_its_content(self, tmp_path):
        (tmp_path / "out.json").write_text("old")
        check_writable(tmp_path / "out.json")
        assert (tmp_path / "out.json").read_text() == "old"

    def test_a_folder_and_a_path_through_a_file_are_refused(self, tmp_path):
        (tmp_path / "file").touch()
        for path in (tmp_path, tmp_path / "file/out.json"):
            with pytest.raises(UserError, match=f"no file {path}: .*Name another place"):
                check_writable(path)

    def test_a_folder_without_permission_is_refused(self, tmp_path, monkeypatch):
        def refuse(*arguments, **options):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(files.Path, "touch", refuse)
        with pytest.raises(UserError, match=r"no file .*out\.json: Permission denied"):
            check_writable(tmp_path / "out.json")

    def test_a_folder_for_files_is_made(self, tmp_path):
        check_writable(tmp_path / "a/b", folder=True)
        assert list((tmp_path / "a/b").iterdir()) == []
        (tmp_path / "file").touch()
        with pytest.raises(UserError, match=r"into the folder .*file"):
            check_writable(tmp_path / "file", folder=True)


def test_an_unfinished_file_goes_and_a_finished_one_stays(tmp_path):
    with files.unfinished_file(tmp_path / "n") as new:
        new.stream.write(b"half")
        files.remove_unfinished(tmp_path / "n")  # another process: this one is alive
        assert len(list((tmp_path / "n").iterdir())) == 1
    assert list((tmp_path / "n").iterdir()) == []
    with files.unfinished_file(tmp_path / "n") as new:
        new.stream.write(b"whole")
        new.finish(tmp_path / "n/x", replace=False)
    assert (tmp_path / "n/x").read_bytes() == b"whole"
    with pytest.raises(FileExistsError), files.unfinished_file(tmp_path / "n") as new:
        new.finish(tmp_path / "n/x", replace=False)
    assert [path.name for path in (tmp_path / "n").iterdir()] == ["x"]
