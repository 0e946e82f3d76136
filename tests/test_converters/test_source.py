import stat
import zipfile

import pytest

from mmlle.converters.source import BrokenImageError, Source, decode, natural_key
from mmlle.utils.errors import UserError

from .pictures import files_below, save_picture


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
    with pytest.raises(UserError, match=message):
        Source(path)


def test_an_archive_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "lol.zip").write_bytes(b"PK")
    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    with pytest.raises(UserError, match=r"lol\.zip.*Permission denied"):
        Source(tmp_path / "lol.zip")


def test_an_archive_is_not_linked_to(tmp_path):
    (tmp_path / "lol.zip").write_bytes(b"PK")
    with pytest.raises(UserError, match="--link needs a folder"):
        Source(tmp_path / "lol.zip", link=True)


def test_decode_refuses_text_and_truncated_images(tmp_path):
    data = save_picture(tmp_path / "1.png", width=40, height=30).read_bytes()
    assert decode(data).size == (40, 30)
    with pytest.raises(BrokenImageError, match="not an image"):
        decode(b"<html>Quota exceeded</html>")
    with pytest.raises(BrokenImageError):
        decode(data[: len(data) // 2])


@pytest.mark.parametrize("link", [False, True])
def test_only_whole_images_are_transferred(tmp_path, link):
    save_picture(tmp_path / "in/1.png")
    (tmp_path / "in/2.png").write_bytes(b"no image")
    source, out = Source(tmp_path / "in", link), tmp_path / "out/deeper"
    source.transfer(source.images[0], out / "a.png", link)
    assert (out / "a.png").is_symlink() is link
    assert (out / "a.png").read_bytes() == (tmp_path / "in/1.png").read_bytes()
    with pytest.raises(BrokenImageError, match="not an image"):
        source.transfer(source.images[1], out / "b.png", link)
    assert files_below(out) == {"a.png"}
