import os
import stat

import pytest

from mmlle.converters.target import assemble, check_target
from mmlle.utils.errors import UserError

from .pictures import files_below


def test_assemble_puts_the_whole_folder_in_place(tmp_path):
    target = tmp_path / "data" / "set"
    with assemble(target, overwrite=False) as staging:
        (staging / "a.txt").write_text("new")
        assert not target.exists()
    assert files_below(tmp_path) == {"data/set/a.txt"}
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o777 & ~umask


@pytest.mark.parametrize("error", [UserError, KeyboardInterrupt])
def test_assemble_leaves_nothing_behind_on_an_error(tmp_path, error):
    def stop_halfway():
        with assemble(tmp_path / "data" / "set", overwrite=False) as staging:
            (staging / "a.txt").write_text("half")
            raise error

    with pytest.raises(error):
        stop_halfway()
    assert list(tmp_path.iterdir()) == []


def test_overwrite_replaces_and_a_failure_keeps_what_was_there(tmp_path):
    target = tmp_path / "set"
    target.mkdir()
    (target / "old.txt").write_text("old")
    with pytest.raises(ValueError, match="stop"), assemble(target, overwrite=True):
        raise ValueError("stop")
    assert files_below(tmp_path) == {"set/old.txt"}
    with assemble(target, overwrite=True) as staging:
        (staging / "new.txt").write_text("new")
    assert files_below(tmp_path) == {"set/new.txt"}


def test_overwriting_a_link_leaves_the_linked_folder_alone(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "old.txt").write_text("old")
    target = tmp_path / "set"
    target.symlink_to(tmp_path / "elsewhere")
    with assemble(target, overwrite=True) as staging:
        (staging / "new.txt").write_text("new")
    assert not target.is_symlink()
    assert files_below(tmp_path) == {"elsewhere/old.txt", "set/new.txt"}


def test_target_that_is_taken_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    check_target(tmp_path / "empty", overwrite=False)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("a")
    with pytest.raises(UserError, match="not empty.*--overwrite"):
        check_target(tmp_path / "full", overwrite=False)
    check_target(tmp_path / "full", overwrite=True)
    with pytest.raises(UserError, match="is a file"):
        check_target(tmp_path / "full" / "a.txt", overwrite=True)


@pytest.mark.parametrize(("source", "target"), [("a", "a"), ("a", "a/b"), ("a/b.zip", "a")])
def test_target_and_source_in_one_another_are_refused(tmp_path, source, target):
    with pytest.raises(UserError, match="in one another"):
        check_target(tmp_path / target, True, tmp_path / source)


def test_a_full_disk_is_told_and_nothing_is_left(tmp_path):
    def fill():
        with assemble(tmp_path / "set", overwrite=False) as staging:
            (staging / "a.txt").write_text("half")
            raise OSError(28, "No space left on device", "b.png")

    with pytest.raises(UserError, match=r"No space left on device.*b\.png"):
        fill()
    assert list(tmp_path.iterdir()) == []
