import errno
import io
import os

import numpy as np
import pytest
from PIL import Image

from mmlle.media.image_file import UnwritableImageError
from mmlle.media.photograph import Photograph
from mmlle.media.photograph_reading import read_photograph
from mmlle.media.photograph_writing import (
    WRITABLE_SUFFIXES,
    encode_photograph,
    lost_properties,
    result_suffix,
    write_photograph,
)
from mmlle.media.png_encoder import encode_png
from mmlle.media.tiff_encoder import encode_tiff
from mmlle.utils.errors import OptionError

from .photographs import ADOBE_RGB, DISPLAY_P3, XMP, curve, encoded, exif, noise, profile, smooth


def photograph(**properties):
    return Photograph(smooth() / np.float32(255), **properties)


class TestUnchanged:
    """What is read and written again is the same."""

    @pytest.mark.parametrize(
        ("encode", "suffix", "depths"),
        [
            (encode_png, ".png", ["uint8", "uint16"]),
            (encode_tiff, ".tif", ["uint8", "uint16", "float32"]),
            (lambda samples: encoded(samples, "WEBP", lossless=True, exact=True), ".webp", ["uint8"]),
        ],
    )
    @pytest.mark.parametrize("channels", [1, 2, 3, 4])
    def test_samples(self, encode, suffix, depths, channels):
        for depth in depths:
            samples = noise(13, 17, channels, depth)
            before = read_photograph(encode(samples))
            after = read_photograph(encode_photograph(before.replaced(before.pixels), suffix))
            assert np.array_equal(after.pixels, before.pixels)
            assert (after.depth, after.grey) == (depth, channels < 3 and suffix != ".webp")
            if channels in (2, 4):
                assert after.alpha.tobytes() == before.alpha.tobytes() == samples[..., -1].tobytes()

    @pytest.mark.parametrize("matrix", [DISPLAY_P3, ADOBE_RGB])
    @pytest.mark.parametrize("depth", ["uint8", "uint16"])
    def test_samples_of_a_wide_gamut(self, matrix, depth):
        # All colours, many of which are outside sRGB.
        samples = noise(40, 50, 3, depth)
        content = encode_png(samples, icc_profile=profile(matrix, curve(0, 2.2)))
        before = read_photograph(content)
        assert before.excess is not None
        assert before.pixels.min() == 0
        assert before.pixels.max() == 1
        written = encode_photograph(before.replaced(before.pixels), ".png")
        after = read_photograph(written)
        assert after.icc_profile == profile(matrix, curve(0, 2.2))
        difference = read_samples(written).astype(int) - samples
        assert abs(difference).max() <= (1 if depth == "uint8" else 20)
        assert np.mean(difference != 0) < 0.01

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_orientation_is_applied_once(self, orientation):
        content = encode_png(noise(5, 8, 3), exif=exif(orientation))
        once = read_photograph(content)
        twice = read_photograph(encode_photograph(once, ".png"))
        assert np.array_equal(once.pixels, twice.pixels)
        assert once.exif == twice.exif

    def test_float_values_beyond_white(self):
        samples = noise(9, 9, 3, "float32") * 3 - 0.5
        written = encode_photograph(read_photograph(encode_tiff(samples)), ".tif")
        assert abs(tiff_samples(written) - samples).max() < 1e-5

    def test_exr(self):
        light = Photograph(
            noise(9, 9, 3, "float32"), depth="float32", alpha=noise(9, 9, 1, "float32")[..., 0]
        )
        before = read_photograph(encode_photograph(light, ".exr"))
        after = read_photograph(encode_photograph(before.replaced(before.pixels), ".exr"))
        assert abs(after.pixels - before.pixels).max() < 1e-6
        assert np.array_equal(after.alpha, light.alpha)


def read_samples(png):
    """Encoded values of a PNG, without its profile."""
    import cv2

    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)[..., ::-1]


def tiff_samples(content):
    import tifffile

    return tifffile.imread(io.BytesIO(content))


class TestProperties:
    @pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".avif"])
    def test_kept(self, suffix):
        before = photograph(exif=exif(thumbnail=b""), xmp=b"<x/>", icc_profile=profile(), dpi=(300.0, 300.0))
        after = read_photograph(encode_photograph(before, suffix))
        for text in (b"Tiny Cameras", b"MAKER-NOTE-0123456789"):
            assert text in after.exif
        assert after.xmp == b"<x/>"
        assert after.icc_profile == profile()
        if suffix in (".jpg", ".png", ".tif"):
            assert after.dpi == pytest.approx((300, 300), abs=0.01)
        else:
            assert lost_properties(before, suffix) == ("DPI left out",)

    @pytest.mark.parametrize("subsampling", [0, 1, 2])
    @pytest.mark.parametrize("progressive", [False, True])
    def test_a_jpeg_is_compressed_as_its_source(self, subsampling, progressive):
        options = dict(quality=77, subsampling=subsampling, progressive=progressive)
        before = read_photograph(encoded(smooth(), "JPEG", **options))
        after = read_photograph(encode_photograph(before.replaced(before.pixels), ".jpg"))
        assert after.jpeg == before.jpeg
        assert abs(after.pixels - before.pixels).max() * 255 <= 8

    def test_or_as_asked(self):
        before = read_photograph(encoded(smooth(), "JPEG", quality=40))
        sizes = [len(encode_photograph(before, ".jpg", quality)) for quality in (10, 60, 95)]
        assert sizes == sorted(set(sizes))
        assert read_photograph(encode_photograph(before, ".jpg", 95)).jpeg.quantization[0][0] < 4

    @pytest.mark.parametrize("lossless", [False, True])
    def test_webp_without_loss_stays_so(self, lossless):
        before = read_photograph(encoded(noise(20, 20, 3), "WEBP", lossless=lossless))
        after = read_photograph(encode_photograph(before, ".webp"))
        assert before.lossless == after.lossless == lossless
        assert np.array_equal(after.pixels, before.pixels) == lossless

    def test_a_wide_gamut_becomes_srgb_where_there_is_no_profile(self):
        before = read_photograph(
            encode_png(np.full((4, 4, 3), (128, 64, 64), np.uint8), icc_profile=profile())
        )
        after = read_photograph(encode_photograph(before, ".ppm"))
        assert after.icc_profile is None
        assert abs(after.pixels - before.pixels).max() < 0.6 / 255
        assert lost_properties(before, ".ppm") == ("ICC profile becomes sRGB",)

    @pytest.mark.parametrize(
        ("depth", "suffix", "lost"),
        [
            ("uint16", ".jpg", ("16 bits become 8 bits",)),
            ("float32", ".png", ("32-bit floats become 16 bits",)),
            ("uint16", ".tif", ()),
            ("uint8", ".exr", ()),
        ],
    )
    def test_depth(self, depth, suffix, lost):
        before = photograph(depth=depth)
        assert lost_properties(before, suffix) == lost
        after = read_photograph(encode_photograph(before, suffix))
        assert np.median(abs(after.pixels - before.pixels)) < 2 / 255

    def test_everything_left_out_is_said(self, tmp_path):
        before = photograph(depth="uint16", exif=exif(), xmp=XMP, icc_profile=profile(), dpi=(1.0, 1.0))
        lost = write_photograph(tmp_path / "x.bmp", before)
        assert lost == ("16 bits become 8 bits", "EXIF left out", "XMP left out", "ICC profile becomes sRGB")

    def test_alpha_of_another_depth(self):
        alpha = np.array([[0, 257 * 7, 65535]], np.uint16)
        before = Photograph(np.zeros((1, 3, 3), np.float32), alpha=alpha, depth="uint16")
        after = read_photograph(encode_photograph(before, ".webp"))
        assert after.alpha.tolist() == [[0, 7, 255]]


class TestRefused:
    @pytest.mark.parametrize("suffix", [".gif", ".xyz", "", ".nef"])
    def test_endings(self, tmp_path, suffix):
        with pytest.raises(
            UnwritableImageError, match=r"not a format that can be written; use one of \.avif, "
        ):
            write_photograph(tmp_path / f"folder/x{suffix}", photograph())
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("suffix", [".jpg", ".bmp", ".ppm"])
    def test_alpha(self, tmp_path, suffix):
        transparent = photograph(alpha=np.zeros((48, 64), np.uint8))
        with pytest.raises(UnwritableImageError, match=rf"x\{suffix}: .* holds no transparency.*; use \.png"):
            write_photograph(tmp_path / f"x{suffix}", transparent)
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(("suffix", "side"), [(".jpg", 65501), (".webp", 16384)])
    def test_sizes(self, suffix, side):
        large = Photograph(np.zeros((1, side, 3), np.float32))
        with pytest.raises(
            UnwritableImageError, match=rf"1x{side} px .* too large for '\{suffix}'; use \.png"
        ):
            encode_photograph(large, suffix)

    @pytest.mark.parametrize("quality", [0, 101])
    def test_qualities(self, quality):
        with pytest.raises(OptionError, match=f"quality is 1 to 100, got {quality}"):
            encode_photograph(photograph(), ".jpg", quality)

    def test_exif_too_long_for_a_jpeg(self):
        with pytest.raises(UnwritableImageError, match="EXIF data is too long"):
            encode_photograph(photograph(exif=exif() + bytes(70000)), ".jpg")

    def test_memory(self, monkeypatch):
        def fail(*arguments, **options):
            raise MemoryError

        monkeypatch.setattr(Image.Image, "save", fail)
        with pytest.raises(UnwritableImageError, match="more memory than is free"):
            encode_photograph(photograph(), ".jpg")


class TestTarget:
    @pytest.mark.parametrize("suffix", [s for s in WRITABLE_SUFFIXES if s not in (".heic", ".heif")])
    def test_a_path_or_a_stream(self, tmp_path, suffix):
        write_photograph(tmp_path / f"new/deeper/x{suffix.upper()}", photograph())
        (path,) = (tmp_path / "new/deeper").iterdir()
        stream = io.BytesIO()
        write_photograph(stream, photograph(), suffix=suffix)
        assert path.read_bytes() == stream.getvalue() == encode_photograph(photograph(), suffix)

    def test_a_stream_gets_the_photographs_own_format(self):
        for format in ("JPEG", "PNG", "TIFF", "WEBP", "EXR", "PPM", "BMP"):
            stream = io.BytesIO()
            write_photograph(stream, photograph(format=format))
            assert read_photograph(stream.getvalue()).format == format
        stream = io.BytesIO()
        write_photograph(stream, photograph(format="RAW", depth="uint16"))
        assert read_photograph(stream.getvalue()).format == "TIFF"

    @pytest.mark.parametrize("name", ["größer 照片.png", "x" * 200 + ".png"])
    def test_unusual_names(self, tmp_path, name):
        write_photograph(tmp_path / name, photograph())
        assert read_photograph(tmp_path / name).pixels.shape == (48, 64, 3)

    def test_a_name_that_is_too_long(self, tmp_path):
        with pytest.raises(UnwritableImageError, match="File name too long"):
            write_photograph(tmp_path / ("x" * 300 + ".png"), photograph())
        assert not list(tmp_path.iterdir())

    def test_a_folder_of_that_name(self, tmp_path):
        (tmp_path / "x.png").mkdir()
        with pytest.raises(UnwritableImageError, match=r"x\.png: Is a directory"):
            write_photograph(tmp_path / "x.png", photograph())
        assert [path.name for path in tmp_path.iterdir()] == ["x.png"]

    def test_a_file_where_a_folder_should_be(self, tmp_path):
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(UnwritableImageError, match=r"x\.png: (Not a directory|File exists)"):
            write_photograph(tmp_path / "file/x.png", photograph())

    @pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
    def test_a_disk_that_refuses_keeps_the_old_file(self, tmp_path, monkeypatch, code):
        (tmp_path / "x.png").write_bytes(b"old")

        def refuse(*arguments):
            raise OSError(code, os.strerror(code))

        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(UnwritableImageError, match=rf"x\.png: {os.strerror(code)}\. Choose") as caught:
            write_photograph(tmp_path / "x.png", photograph())
        assert "\n" not in str(caught.value)
        assert (tmp_path / "x.png").read_bytes() == b"old"
        assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


def test_endings_of_results():
    assert [result_suffix(s) for s in (".JPG", ".gif", ".dng", ".NEF", ".tif", ".exr")] == [
        *(".jpg", ".png", ".tif", ".tif", ".tif", ".exr")
    ]
