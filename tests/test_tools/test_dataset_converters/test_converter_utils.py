import os
import stat
import zipfile

import pytest
from converter_utils import (
    BrokenImageError,
    ConverterError,
    Source,
    assemble,
    check_target,
    decode,
    natural_key,
)
from pictures import files_below, save_picture


def names(source):
    return [str(image) for image in source.images]


def test_natural_key_counts():
    assert sorted(["10", "9", "a2", "a10", "1_2"], key=natural_key) == [
        "1_2", "9", "10", "a2", "a10",
    ]  # fmt: skip


def test_folder_source_lists_images_only_in_natural_order(tmp_path):
    for name in ("b/10.png", "b/9.JPG", ".hidden/1.png", "__MACOSX/1.png", "b/._9.jpg"):
        save_picture(tmp_path / name)
    (tmp_path / "Thumbs.db").write_bytes(b"")
    with Source(tmp_path) as source:
        assert names(source) == ["b/9.JPG", "b/10.png"]
        assert source.read(source.images[1]) == (tmp_path / "b/10.png").read_bytes()


def test_linked_folders_are_followed_but_not_in_circles(tmp_path):
    save_picture(tmp_path / "elsewhere" / "1.png")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "low").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "up").symlink_to(tmp_path / "src")
    with Source(tmp_path / "src") as source:
        assert names(source) == ["low/1.png"]


def test_archive_links_are_passed_over_and_odd_paths_only_read(tmp_path):
    picture = save_picture(tmp_path / "x.png").read_bytes()
    link = zipfile.ZipInfo("a/link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(link, "/etc/passwd")
        for name in ("../../up.png", "a/../1.png", "/root.png", "a//./b.png", "win\\low\\1.png"):
            file.writestr(name, picture)
    with Source(archive) as source:
        assert sorted(names(source)) == ["/root.png", "a/b.png", "win/low/1.png"]
        assert all(source.read(image) == picture for image in source.images)
    assert files_below(tmp_path) == {"a.zip", "x.png"}


def test_damaged_member_is_a_broken_image(tmp_path):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(save_picture(tmp_path / "1.png"), "1.png")
    data = bytearray(archive.read_bytes())
    data[60] ^= 0xFF  # inside the stored member: its checksum no longer fits
    archive.write_bytes(data)
    with Source(archive) as source, pytest.raises(BrokenImageError, match="damaged.*CRC"):
        source.read(source.images[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "does not exist"), (b"Rar!", "not a zip archive"), (b"PK\x03\x04", "ends too early")],
)
def test_unusable_sources_are_told_apart(tmp_path, content, message):
    path = tmp_path / "lol.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConverterError, match=message):
        Source(path)


def test_decode_refuses_text_and_truncated_images(tmp_path):
    data = save_picture(tmp_path / "1.png", width=40, height=30).read_bytes()
    assert decode(data).size == (40, 30)
    with pytest.raises(BrokenImageError, match="not an image"):
        decode(b"<html>Quota exceeded</html>")
    with pytest.raises(BrokenImageError):
        decode(data[: len(data) // 2])


def test_assemble_puts_the_whole_folder_in_place(tmp_path):
    target = tmp_path / "data" / "set"
    with assemble(target, overwrite=False) as staging:
        (staging / "a.txt").write_text("new")
        assert not target.exists()
    assert files_below(tmp_path) == {"data/set/a.txt"}
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o777 & ~umask


@pytest.mark.parametrize("error", [ConverterError, KeyboardInterrupt])
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
    with pytest.raises(ConverterError, match="not empty.*--overwrite"):
        check_target(tmp_path / "full", overwrite=False)
    check_target(tmp_path / "full", overwrite=True)
    with pytest.raises(ConverterError, match="is a file"):
        check_target(tmp_path / "full" / "a.txt", overwrite=True)


@pytest.mark.parametrize(("source", "target"), [("a", "a"), ("a", "a/b"), ("a/b.zip", "a")])
def test_target_and_source_in_one_another_are_refused(tmp_path, source, target):
    with pytest.raises(ConverterError, match="in one another"):
        check_target(tmp_path / target, True, tmp_path / source)
