import io
import os
import time
import zipfile

import numpy as np
import pytest
from PIL import Image
from test_media.photographs import exif, profile

from mmlle.app.darkroom import CROP_SIDE, NUM_COPIES, PREVIEW_SIDE, Darkroom
from mmlle.app.limits import Limits
from mmlle.app.methods import Methods
from mmlle.look import Look
from mmlle.media.photograph import Photograph
from mmlle.media.photograph_reading import read_photograph
from mmlle.media.photograph_writing import write_photograph
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError

from .stand_in import Gamma

LOOK = Look(strength=1)


@pytest.fixture
def darkroom():
    return Darkroom(Methods(["gamma", "times4"], lambda name: Gamma(4 if name == "times4" else 1)), Limits())


@pytest.fixture
def out(tmp_path):
    """The folder of the results."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def save(path, height=40, width=60, **options):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(dark_image(height, width)[..., ::-1]).save(path, **options)
    return path


class TestFullSize:
    @pytest.mark.parametrize("name", ["x.jpg", "x.png", "x.tif", "x.webp"])
    def test_a_result_is_that_of_the_command_with_all_properties(self, darkroom, tmp_path, out, name):
        start = b"Exif\0\0" if name == "x.jpg" else b""
        path = save(tmp_path / name, exif=start + exif(orientation=6), icc_profile=profile())
        results = darkroom.enhance([path], "gamma", LOOK, out)
        assert results.files == [out / name]
        assert (results.archive, results.notes) == (None, [])
        # As LowLightInferencer.enhance_photograph does.
        photograph = read_photograph(path)
        expected = io.BytesIO()
        write_photograph(
            expected,
            photograph.replaced(LOOK.apply(photograph.pixels, Gamma().enhance_batch)),
            suffix=path.suffix,
        )
        assert results.files[0].read_bytes() == expected.getvalue()
        result = read_photograph(results.files[0])
        assert result.pixels.shape == (60, 40, 3)  # upright
        assert b"Tiny Cameras" in result.exif
        assert result.icc_profile == profile()

    def test_16_bits_and_alpha(self, darkroom, tmp_path, out):
        alpha = np.arange(20 * 30, dtype=np.uint16).reshape(20, 30)
        pixels = dark_image(20, 30).astype(np.float32) / 255
        write_photograph(tmp_path / "x.png", Photograph(pixels, alpha=alpha, depth="uint16"))
        (path,) = darkroom.enhance([tmp_path / "x.png"], "gamma", LOOK, out).files
        result = read_photograph(path)
        assert result.depth == "uint16"
        assert np.array_equal(result.alpha, alpha)
        assert result.pixels.mean() > 1.5 * pixels.mean()

    def test_several_come_as_a_zip_file_too(self, darkroom, tmp_path, out):
        paths = [save(tmp_path / "a/x.jpg"), save(tmp_path / "b/x.jpg", 20, 30), save(tmp_path / "c/y.gif")]
        told = []
        results = darkroom.enhance(paths, "gamma", LOOK, out, lambda *step: told.append(step))
        assert [file.name for file in results.files] == ["x.jpg", "x (2).jpg", "y.png"]
        assert told == [(0, "x.jpg"), (1, "x.jpg"), (2, "y.gif")]
        with zipfile.ZipFile(results.archive) as archive:
            assert archive.testzip() is None
            contents = {name: archive.read(name) for name in archive.namelist()}
        assert contents == {file.name: file.read_bytes() for file in results.files}

    def test_what_fails_is_told_and_the_others_are_done(self, darkroom, tmp_path, out):
        good, cut = save(tmp_path / "good.png"), save(tmp_path / "cut.png")
        cut.write_bytes(cut.read_bytes()[:200])
        gone = tmp_path / "gone.png"
        results = darkroom.enhance([cut, gone, good], "gamma", LOOK, out)
        assert [file.name for file in results.files] == ["good.png"]
        assert results.notes[0].startswith("Cannot read the image cut.png: ")
        assert results.notes[1] == "gone.png is not here any more; add it again."
        assert len(results.notes) == 2

    def test_what_a_format_cannot_hold_is_told_without_the_folder(self, darkroom, tmp_path, out):
        path = tmp_path / "x.jpg"
        Image.new("RGBA", (9, 9), (9, 9, 9, 99)).save(path, "PNG")
        bitmap = save(tmp_path / "y.bmp", format="PNG", exif=exif())
        results = darkroom.enhance([path, bitmap], "gamma", LOOK, out)
        assert results.notes[0].startswith("Cannot write x.jpg: JPEG holds no transparency")
        assert results.notes[1] == "y.bmp: EXIF left out."
        assert str(tmp_path) not in " ".join(results.notes)

    def test_no_memory_is_told(self, darkroom, tmp_path, out, monkeypatch):
        def full(images, strengths):
            raise MemoryError

        monkeypatch.setattr(darkroom.methods["gamma"].inferencer, "enhance_batch", full)
        results = darkroom.enhance([save(tmp_path / "x.png")], "gamma", LOOK, out)
        assert results.notes == ["x.png: there is not enough memory for it."]

    def test_super_resolution_counts_the_pixels_of_the_result(self, tmp_path, out):
        darkroom = Darkroom(Methods(["times4"], lambda name: Gamma(4)), Limits(megapixels=0.04))
        small, large = save(tmp_path / "small.png", 50, 50), save(tmp_path / "large.png", 50, 51)
        results = darkroom.enhance([small, large], "times4", LOOK, out)
        assert read_photograph(results.files[0]).pixels.shape == (200, 200, 3)
        assert "large.png: 50x51 px (height x width) exceed the limit of 2,500 pixels" in results.notes[0]


class TestPreview:
    def test_a_small_photograph_is_shown_as_it_is(self, darkroom, tmp_path):
        path = save(tmp_path / "x.png")
        preview = darkroom.preview(path, "gamma", LOOK)
        pixels = read_photograph(path).pixels
        assert np.array_equal(preview.before, pixels)
        assert np.allclose(preview.after, LOOK.apply(pixels, Gamma().enhance_batch))
        assert (preview.size, preview.part) == ((40, 60), False)

    def test_a_large_one_is_shown_reduced_and_as_bright_as_it_becomes(self, darkroom, tmp_path, out):
        path, look = save(tmp_path / "x.png", 200, 2 * PREVIEW_SIDE), Look(denoise="off")
        preview = darkroom.preview(path, "gamma", look)
        assert preview.before.shape == preview.after.shape == (100, PREVIEW_SIDE, 3)
        assert preview.size == (200, 2 * PREVIEW_SIDE)
        whole = read_photograph(darkroom.enhance([path], "gamma", look, out).files[0]).pixels
        assert preview.after.mean() == pytest.approx(whole.mean(), abs=0.01)

    def test_grey_stays_grey(self, darkroom, tmp_path):
        Image.fromarray(dark_image(20, 20)[..., 0]).save(tmp_path / "x.png")
        after = darkroom.preview(tmp_path / "x.png", "gamma", LOOK).after
        assert np.ptp(after, axis=2).max() == 0

    def test_super_resolution_shows_the_middle(self, darkroom, tmp_path):
        path = save(tmp_path / "x.png", 400, 200)
        preview = darkroom.preview(path, "times4", LOOK)
        assert preview.before.shape == preview.after.shape == (4 * CROP_SIDE, 4 * 200, 3)
        assert preview.part
        top = (400 - CROP_SIDE) // 2
        middle = read_photograph(path).pixels[top : top + CROP_SIDE]
        expected = Look.as_trained().apply(middle, Gamma(4).enhance_batch)
        assert np.allclose(preview.after, expected)
        assert np.abs(preview.before[::4, ::4] - middle).mean() < 0.02

    def test_a_photograph_is_read_once(self, darkroom, tmp_path, monkeypatch):
        reads = []
        original = Darkroom._read
        monkeypatch.setattr(Darkroom, "_read", lambda self, *a: reads.append(a) or original(*a))
        path = save(tmp_path / "x.png")
        darkroom.check(path)
        for exposure in (0.3, 0.4, 0.5):
            darkroom.preview(path, "gamma", Look(exposure))
        assert len(reads) == 1

    def test_the_number_of_copies_is_bounded(self, darkroom, tmp_path):
        for number in range(NUM_COPIES + 2):
            darkroom.check(save(tmp_path / f"{number}.png", 4, 4))
        assert darkroom._copy.cache_info().currsize == NUM_COPIES


def bomb(path):
    """A PNG of 12,000 x 12,000 pixels in a few hundred kilobytes."""
    Image.new("1", (12000, 12000)).save(path)
    return path


def text(path):
    path.write_text("hello")
    return path


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("large.png", lambda path: save(path, 1001, 1000), "1001x1000 px .* exceed the limit of 1,000,000"),
        ("bomb.png", bomb, "12000x12000 px .* exceed the limit of 1,000,000 pixels"),
        ("text.jpg", text, "it is not an image, or one of an unknown format"),
        ("gone.jpg", lambda path: path, "gone.jpg is not here any more; add it again"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_at_once(tmp_path, name, make, words):
    darkroom = Darkroom(Methods(["gamma"], lambda name: Gamma()), Limits(megapixels=1))
    path = make(tmp_path / name)
    start = time.perf_counter()
    with pytest.raises(UserError, match=words) as caught:
        darkroom.check(path)
    assert time.perf_counter() - start < 1
    assert name in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_using_a_photograph_keeps_it_from_being_removed(darkroom, tmp_path):
    path = save(tmp_path / "x.png")
    for use in (darkroom.check, lambda path: darkroom.preview(path, "gamma", LOOK)):
        os.utime(path, (0, 0))
        use(path)
        assert time.time() - path.stat().st_mtime < 60
