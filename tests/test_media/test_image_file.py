import io
import os
from pathlib import Path

import pytest
from PIL import Image

from mmlle.media.image_file import (
    UnreadableImageError,
    UnsupportedImageError,
    check_pixels,
    check_plausible,
    decoding,
    list_images,
    read_content,
)

from .photographs import encoded, noise, smooth


class TestList:
    def test_a_link_to_a_folder_above_ends(self, tmp_path):
        (tmp_path / "a/b").mkdir(parents=True)
        (tmp_path / "a/b/x.png").touch()
        (tmp_path / "a/b/up").symlink_to(tmp_path / "a")
        (tmp_path / "a/itself").symlink_to(tmp_path / "a/itself")
        (tmp_path / "a/self").symlink_to(".")
        assert list_images(tmp_path / "a") == ["b/x.png"]

    def test_a_folder_beside_a_link_to_it_is_found_directly(self, tmp_path):
        (tmp_path / "real").mkdir()
        (tmp_path / "real/x.png").touch()
        (tmp_path / "a link").symlink_to(tmp_path / "real")
        assert list_images(tmp_path) == ["real/x.png"]

    @pytest.fixture
    def closed(self, tmp_path, monkeypatch):
        """A folder with a sub-folder that cannot be listed, for root either."""
        for name in ("open/x.png", "closed/y.png"):
            (tmp_path / name).parent.mkdir()
            (tmp_path / name).touch()
        scandir = os.scandir

        def refuse(path):
            if Path(path).name == "closed":
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
        return tmp_path

    def test_a_folder_that_cannot_be_read_is_named(self, closed):
        with pytest.raises(UnreadableImageError, match=r"the folder .*closed: Permission denied\. Change"):
            list_images(closed)

    def test_or_reported_and_the_others_listed(self, closed):
        reports = []
        assert list_images(closed, reports) == ["open/x.png"]
        assert len(reports) == 1
        assert "closed: Permission denied" in reports[0]

    def test_a_folder_named_like_an_image_is_none(self, tmp_path):
        (tmp_path / "x.png").mkdir()
        assert list_images(tmp_path) == []


class TestContent:
    def test_of_a_path_bytes_and_a_stream(self, tmp_path):
        (tmp_path / "x").write_bytes(b"content")
        assert read_content(tmp_path / "x") == (str(tmp_path / "x"), b"content")
        assert read_content(str(tmp_path / "x"))[1] == b"content"
        assert read_content(b"content") == ("(bytes)", b"content")
        assert read_content(io.BytesIO(b"content")) == ("(stream)", b"content")
        with open(tmp_path / "x", "rb") as file:
            assert read_content(file) == (str(tmp_path / "x"), b"content")

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("gone.png", "No such file"),
            ("folder.png", "Is a directory"),
            ("n" * 300 + ".png", "name too long"),
        ],
    )
    def test_what_cannot_be_read_is_named(self, tmp_path, name, reason):
        (tmp_path / "folder.png").mkdir()
        with pytest.raises(UnreadableImageError, match=rf"{name}: .*{reason}") as caught:
            read_content(tmp_path / name)
        assert str(caught.value).count(name) == 1

    def test_a_file_that_cannot_be_read(self, monkeypatch):
        def refuse(self):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)
        with pytest.raises(UnreadableImageError, match=r"x\.png: Permission denied"):
            read_content("x.png")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (KeyError("tag"), "x.png: 'tag'. Get it again, or take it out of the folder."),
        (IndexError(), "x.png: IndexError. Get it again"),
        (MemoryError(), "x.png: it needs more memory than is free."),
        (ValueError("two\n  lines."), "x.png: two lines. Get"),
        (UnsupportedImageError("it is large; crop it"), "x.png: it is large; crop it."),
    ],
)
def test_whatever_a_decoder_raises_is_one_line(error, message):
    with pytest.raises(UnreadableImageError) as caught, decoding("x.png"):
        raise error
    assert str(caught.value).startswith(f"Cannot read the image {message}")
    assert "\n" not in str(caught.value)


class TestLimits:
    def test_pixels(self, monkeypatch):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
        check_pixels(10, 10)
        with pytest.raises(UnsupportedImageError, match=r"10x11 px .* limit of 100 pixels"):
            check_pixels(10, 11)
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
        check_pixels(10, 11)

    def test_pixels_of_the_caller(self, monkeypatch):
        check_pixels(10, 10, 100)
        with pytest.raises(
            UnsupportedImageError, match=r"1000x2000 px .* limit of 1,000,000 pixels; crop it"
        ):
            check_pixels(1000, 2000, 1_000_000)
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
        with pytest.raises(UnsupportedImageError, match="limit of 100 pixels"):
            check_pixels(10, 11, 1000)

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "PPM"])
    def test_the_smallest_files_are_plausible(self, format):
        # One colour and the strongest compression.
        options = dict(quality=1, progressive=True, optimize=True) if format == "JPEG" else {}
        content = encoded(smooth(400, 600) * 0, format, **options)
        with Image.open(io.BytesIO(content)) as image:
            check_plausible(image, len(content))
        grey = encoded(smooth(400, 600)[..., :1] * 0, format, **options)
        with Image.open(io.BytesIO(grey)) as image:
            check_plausible(image, len(grey))

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "PPM"])
    def test_a_header_that_claims_more_is_not(self, format):
        content = encoded(noise(64, 64, 3), format)
        with Image.open(io.BytesIO(content)) as image:
            image._size = (20000, 8000)
            with pytest.raises(ValueError, match=r"claims 8000x20000 px .* \d+ bytes cannot hold them"):
                check_plausible(image, len(content))
