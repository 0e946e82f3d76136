import os

import cv2
import numpy as np
import pytest
from PIL import Image

from mmlle.media.image_io import (
    IMAGE_SUFFIXES,
    UnreadableImageError,
    UnwritableImageError,
    image_size,
    list_images,
    read_image,
    write_image,
)
from mmlle.media.photograph import Photograph
from mmlle.media.photograph_writing import write_photograph
from mmlle.utils.errors import UserError


def picture(height=6, width=9):
    """Two halves of different colours, RGB."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[: height // 2] = (200, 30, 60)
    pixels[height // 2 :] = (10, 120, 250)
    return pixels


def save(path, pixels, mode=None, **options):
    Image.fromarray(pixels, mode).save(path, **options)
    return path


class TestList:
    def test_images_of_all_folders_sorted_and_nothing_else(self, tmp_path):
        names = [
            "b/2.png",
            "b/10.PNG",
            "a.jpeg",
            "c/d/e.Tif",
            "notes.txt",
            "png",
            ".hidden.png",
            ".trash/x.png",
        ]
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        assert list_images(tmp_path) == ["a.jpeg", "b/10.PNG", "b/2.png", "c/d/e.Tif"]

    def test_every_suffix_counts(self, tmp_path):
        for suffix in IMAGE_SUFFIXES:
            (tmp_path / f"x{suffix}").touch()
        assert list_images(tmp_path) == sorted(f"x{suffix}" for suffix in IMAGE_SUFFIXES)

    def test_linked_folders_are_followed(self, tmp_path):
        (tmp_path / "real").mkdir()
        (tmp_path / "real/x.png").touch()
        (tmp_path / "data").mkdir()
        (tmp_path / "data/link").symlink_to(tmp_path / "real")
        assert list_images(tmp_path / "data") == ["link/x.png"]

    def test_an_absent_folder_has_none(self, tmp_path):
        assert list_images(tmp_path / "gone") == []


class TestRead:
    @pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".ppm", ".tiff"])
    def test_lossless_files_as_bgr(self, tmp_path, suffix):
        image = read_image(save(tmp_path / f"x{suffix}", picture()))
        assert image.dtype == np.uint8
        assert image.flags.c_contiguous
        assert np.array_equal(image[..., ::-1], picture())

    @pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".webp"])
    def test_lossy_files_nearly(self, tmp_path, suffix):
        image = read_image(save(tmp_path / f"x{suffix}", picture(32, 32), quality=95))
        difference = image[..., ::-1].astype(int) - picture(32, 32)
        assert np.median(abs(difference)) <= 4

    @pytest.mark.parametrize(
        ("orientation", "upright"),
        [
            (1, lambda p: p),
            (2, lambda p: p[:, ::-1]),
            (3, lambda p: p[::-1, ::-1]),
            (4, lambda p: p[::-1]),
            (5, lambda p: p.transpose(1, 0, 2)),
            (6, lambda p: np.rot90(p, -1)),
            (7, lambda p: p[::-1, ::-1].transpose(1, 0, 2)),
            (8, lambda p: np.rot90(p)),
        ],
    )
    def test_upright_as_exif_says(self, tmp_path, orientation, upright):
        pixels = np.random.default_rng(0).integers(0, 256, (4, 7, 3), np.uint8)
        exif = Image.Exif()
        exif[0x0112] = orientation
        image = read_image(save(tmp_path / "x.png", pixels, exif=exif))
        assert np.array_equal(image[..., ::-1], upright(pixels))

    def test_greyscale_is_repeated(self, tmp_path):
        grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
        image = read_image(save(tmp_path / "x.png", grey))
        assert np.array_equal(image, np.repeat(grey[..., None], 3, axis=2))

    def test_16_bit_grey_is_scaled(self, tmp_path):
        levels = np.array([[0, 257 * 3, 257 * 200 + 128, 257 * 200 + 129, 65535]], np.uint16)
        image = read_image(save(tmp_path / "x.png", levels))
        assert image[0, :, 0].tolist() == [0, 3, 200, 201, 255]
        assert image.shape == (1, 5, 3)

    def test_16_bit_colour_is_scaled(self, tmp_path):
        pixels = np.full((2, 2, 3), (0x1212, 0x8080, 0xFFFF), np.uint16)
        cv2.imwrite(str(tmp_path / "x.png"), pixels)
        assert read_image(tmp_path / "x.png")[0, 0].tolist() == [0x12, 0x80, 0xFF]

    def test_palette(self, tmp_path):
        Image.fromarray(picture()).quantize(2).save(tmp_path / "x.png")
        assert Image.open(tmp_path / "x.png").mode == "P"
        assert np.array_equal(read_image(tmp_path / "x.png")[..., ::-1], picture())

    @pytest.mark.parametrize("alpha", [0, 128, 255])
    def test_transparency_is_dropped(self, tmp_path, alpha):
        pixels = np.dstack([picture(), np.full(picture().shape[:2], alpha, np.uint8)])
        assert np.array_equal(read_image(save(tmp_path / "x.png", pixels))[..., ::-1], picture())

    def test_cmyk_jpeg(self, tmp_path):
        Image.fromarray(picture(32, 32)).convert("CMYK").save(tmp_path / "x.jpg", quality=95)
        assert Image.open(tmp_path / "x.jpg").mode == "CMYK"
        difference = read_image(tmp_path / "x.jpg")[..., ::-1].astype(int) - picture(32, 32)
        assert np.median(abs(difference)) <= 4

    @pytest.mark.parametrize("value", [np.float32(0.5), np.int32(40_000)])
    def test_32_bits_have_no_range_and_are_refused(self, tmp_path, value):
        path = save(tmp_path / "x.tif", np.full((2, 2), value))
        with pytest.raises(UnreadableImageError, match=r"x\.tif.*32.bit.*8 or 16"):
            read_image(path)

    @pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".bmp", ".webp"])
    @pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
    def test_truncated_files_are_refused(self, tmp_path, suffix, part):
        # Noise, so that the cut is through the pixels and not through what follows them.
        pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
        content = save(tmp_path / f"whole{suffix}", pixels).read_bytes()
        path = tmp_path / f"cut{suffix}"
        path.write_bytes(content[: int(part * len(content))])
        with pytest.raises(UnreadableImageError, match=rf"Cannot read the image .*cut\{suffix}: "):
            read_image(path)

    @pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
    def test_what_is_no_image_is_refused(self, tmp_path, content):
        (tmp_path / "x.png").write_bytes(content)
        with pytest.raises(UnreadableImageError, match=r"x\.png"):
            read_image(tmp_path / "x.png")

    def test_an_absent_file_is_named(self, tmp_path):
        with pytest.raises(UnreadableImageError, match=r"gone\.png.*No such file"):
            read_image(tmp_path / "gone.png")

    def test_a_decompression_bomb_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
        with pytest.raises(UnreadableImageError, match=r"x\.png.*limit"):
            read_image(save(tmp_path / "x.png", picture()))

    def test_a_header_that_claims_more_than_the_file_holds_is_refused(self, tmp_path):
        path = tmp_path / "x.jpg"
        content = bytearray(save(path, picture(64, 64)).read_bytes())
        place = content.index(b"\xff\xc0") + 5
        content[place : place + 4] = bytes((0x1F, 0x40, 0x4E, 0x20))
        path.write_bytes(content)
        with pytest.raises(UnreadableImageError, match=r"x\.jpg: its header claims 8000x20000 px"):
            read_image(path)

    def test_a_folder_of_that_name(self, tmp_path):
        (tmp_path / "x.png").mkdir()
        with pytest.raises(UnreadableImageError, match=r"x\.png: Is a directory"):
            read_image(tmp_path / "x.png")

    def test_exr(self, tmp_path):
        pixels = np.repeat(np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4, 1), 3, axis=2)
        photograph = Photograph(pixels, depth="float32")
        write_photograph(tmp_path / "x.exr", photograph)
        assert np.array_equal(read_image(tmp_path / "x.exr"), np.rint(pixels * 255))
        assert image_size(tmp_path / "x.exr") == (3, 4)

    def test_commands_print_the_message_alone(self):
        assert issubclass(UnreadableImageError, UserError)
        assert issubclass(UnwritableImageError, UserError)


class TestWrite:
    @pytest.mark.parametrize("suffix", [".png", ".PNG", ".bmp", ".tif", ".ppm"])
    def test_what_is_read_again_is_what_was_written(self, tmp_path, suffix):
        write_image(tmp_path / f"new/deeper/x{suffix}", picture())
        assert np.array_equal(read_image(tmp_path / f"new/deeper/x{suffix}"), picture())
        assert [p.name for p in (tmp_path / "new/deeper").iterdir()] == [f"x{suffix}"]

    @pytest.mark.parametrize(("suffix", "kind"), [(".jpg", "JPEG"), (".webp", "WEBP"), (".TIFF", "TIFF")])
    def test_the_ending_chooses_the_format(self, tmp_path, suffix, kind):
        write_image(tmp_path / f"x{suffix}", picture())
        assert Image.open(tmp_path / f"x{suffix}").format == kind

    def test_greyscale(self, tmp_path):
        grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
        write_image(tmp_path / "x.png", grey)
        assert Image.open(tmp_path / "x.png").mode == "L"
        assert np.array_equal(read_image(tmp_path / "x.png")[..., 0], grey)

    @pytest.mark.parametrize("name", ["x.xyz", "x", "x.gifs"])
    def test_an_unknown_ending_is_refused_without_a_trace(self, tmp_path, name):
        with pytest.raises(UnwritableImageError, match=r"\.bmp, .*\.webp"):
            write_image(tmp_path / "folder" / name, picture())
        assert not list(tmp_path.iterdir())

    def test_an_image_too_large_for_the_format_is_refused_and_the_old_file_kept(self, tmp_path):
        (tmp_path / "x.jpg").write_bytes(b"old")
        with pytest.raises(UnwritableImageError, match=r"1x65600.*'\.jpg'.*\.png"):
            write_image(tmp_path / "x.jpg", np.zeros((1, 65600, 3), np.uint8))
        assert (tmp_path / "x.jpg").read_bytes() == b"old"
        assert len(list(tmp_path.iterdir())) == 1

    def test_a_full_disk_is_one_line(self, tmp_path, monkeypatch):
        def refuse(*arguments):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(UnwritableImageError, match=r"x\.png: No space left on device\. Choose"):
            write_image(tmp_path / "x.png", picture())
        assert not list(tmp_path.iterdir())

    def test_an_encoder_that_fails_leaves_no_file(self, tmp_path, monkeypatch):
        def fail(*arguments):
            raise MemoryError

        monkeypatch.setattr(cv2, "imencode", fail)
        with pytest.raises(MemoryError):
            write_image(tmp_path / "x.png", picture())
        assert not list(tmp_path.iterdir())
