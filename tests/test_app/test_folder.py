import os
import tempfile
import time
from pathlib import Path

import pytest

from mmlle.app.folder import folder_size, remove_old_files, temporary_folder


@pytest.fixture(autouse=True)
def parent(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("GRADIO_TEMP_DIR", "before")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return tmp_path


def make(path, hours_ago=0.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(100))
    then = time.time() - 3600 * hours_ago
    os.utime(path, (then, then))
    return path


def test_all_temporary_files_lie_in_it_and_are_removed_at_the_end(parent):
    with temporary_folder(60) as folder:
        assert folder.parent == parent
        assert folder.stat().st_mode & 0o077 == 0
        assert Path(tempfile.mkdtemp()).parent == folder
        for name in ("GRADIO_TEMP_DIR", "TMPDIR", "XDG_CACHE_HOME", "MPLCONFIGDIR"):
            assert Path(os.environ[name]).is_relative_to(folder)
        make(folder / "n/x.jpg")
    assert list(parent.iterdir()) == []
    assert tempfile.gettempdir() == str(parent)
    assert os.environ["GRADIO_TEMP_DIR"] == "before"
    assert "XDG_CACHE_HOME" not in os.environ


def test_an_error_removes_it_too(parent):
    with pytest.raises(KeyboardInterrupt), temporary_folder(60):
        raise KeyboardInterrupt
    assert list(parent.iterdir()) == []


def test_what_a_killed_page_left_is_removed_and_a_running_one_stays(parent):
    make(parent / "mmlle-app-killed/n/x.jpg")
    make(parent / "another-program/x.jpg")
    with temporary_folder(60) as first:
        tempfile.tempdir = str(parent)
        with temporary_folder(60) as second:
            assert {first.name, second.name, "another-program"} == {p.name for p in parent.iterdir()}


def test_files_that_are_not_used_any_more_are_removed(parent):
    with temporary_folder(minutes=60, interval=0.01) as folder:
        old, new = make(folder / "old/x.jpg", hours_ago=1.1), make(folder / "new/x.jpg", hours_ago=0.9)
        end = time.monotonic() + 5
        while old.exists() and time.monotonic() < end:
            time.sleep(0.01)
        assert not old.exists()
        assert new.exists()


def test_empty_folders_are_removed_when_they_are_old(parent):
    make(parent / "old/x.jpg", hours_ago=2)
    make(parent / "both/new.jpg")
    make(parent / "both/old.jpg", hours_ago=2)
    remove_old_files(parent, 60)
    assert sorted(p.name for p in parent.rglob("*")) == ["both", "new.jpg", "old"]
    then = time.time() - 7200
    os.utime(parent / "old", (then, then))
    remove_old_files(parent, 60)
    assert sorted(p.name for p in parent.rglob("*")) == ["both", "new.jpg"]


def test_size(parent):
    make(parent / "a/x")
    make(parent / "b/c/x")
    assert folder_size(parent) == 200
