import numpy as np
import pytest
from PIL import Image

from mmlle.converters import coco
from mmlle.converters.coco import centre_square, prepare_coco
from mmlle.utils.errors import UserError

from .pictures import files_below, save_picture, smooth_picture

SIZES = {1: (400, 390), 9: (384, 500), 30: (383, 600), 77: (640, 480)}
LARGE = {1, 9, 77}


def name(number):
    return f"{number:012d}"


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(coco, "EXPECTED", {"train2014": 4, "val2014": 2, "train2017": 4, "val2017": 2})


@pytest.fixture
def source(tmp_path):
    """A made-up COCO of six photographs, with the annotations' leftovers."""
    root = tmp_path / "coco"
    for number, (width, height) in SIZES.items():
        save_picture(root / f"train2017/{name(number)}.jpg", number, width, height)
    for number in (5, 6):
        save_picture(root / f"val2017/{name(number)}.jpg", number, 640, 480)
    save_picture(root / "figures/plot.png", 0, 400, 400)
    return root


def made_of(*train):
    return {f"train/{name(n)}.png" for n in train} | {f"val/{name(n)}.png" for n in (5, 6)}


def test_the_numbers_of_photographs_are_cocos():
    import importlib

    expected = importlib.reload(coco).EXPECTED
    assert expected == {"train2014": 82783, "val2014": 40504, "train2017": 118287, "val2017": 5000}


@pytest.mark.parametrize("form", ["folder", "two folders", "archives"])
def test_large_photographs_become_squares_of_256(tmp_path, source, zip_folder, form):
    parts = [source / "train2017", source / "val2017"]
    sources = {"folder": [source], "two folders": parts, "archives": [zip_folder(part) for part in parts]}
    out = tmp_path / "data/SR"
    report = prepare_coco(sources[form], out)
    assert report == (
        "train2017: 4 photographs, 4 expected; 3 of at least 384 px in the shorter side taken\n"
        "val2017: 2 photographs, 2 expected; 2 of at least 384 px in the shorter side taken"
    )
    assert files_below(out) == made_of(*LARGE)
    for path in out.rglob("*.png"):
        with Image.open(path) as image:
            assert (image.size, image.mode) == ((256, 256), "RGB")


def test_those_of_2014_are_known_by_their_names(tmp_path):
    root = tmp_path / "coco"
    for folder, count in (("train2014", 4), ("val2014", 2)):
        for number in range(count):
            save_picture(root / folder / f"COCO_{folder}_{name(number)}.jpg", number, 400, 400)
    prepare_coco([root], tmp_path / "SR")
    assert len(files_below(tmp_path / "SR/train")) == 4
    assert f"COCO_val2014_{name(1)}.png" in files_below(tmp_path / "SR/val")


class TestCentreSquare:
    def test_it_is_the_largest_one_in_the_middle_reduced_with_lanczos(self):
        photograph = smooth_picture(1, 500, 400)
        expected = Image.fromarray(photograph[:, 50:450]).resize((256, 256), Image.Resampling.LANCZOS)
        assert np.array_equal(centre_square(Image.fromarray(photograph)), expected)
        tall = photograph.transpose(1, 0, 2)
        expected = Image.fromarray(tall[50:450]).resize((256, 256), Image.Resampling.LANCZOS)
        assert np.array_equal(centre_square(Image.fromarray(tall)), expected)

    @pytest.mark.parametrize(("size", "kept"), [((384, 384), True), ((383, 900), False), ((900, 383), False)])
    def test_the_shorter_side_decides(self, size, kept):
        assert (centre_square(Image.new("RGB", size)) is not None) is kept

    def test_greyscale_becomes_rgb_and_a_turned_photograph_upright(self, tmp_path):
        assert centre_square(Image.new("L", (384, 384), 9)).getpixel((0, 0)) == (9, 9, 9)
        stored = Image.fromarray(smooth_picture(9, 400, 500))
        exif = Image.Exif()
        exif[0x0112] = 6  # the camera was held on its side: turn clockwise to show
        stored.save(tmp_path / "turned.jpg", exif=exif, quality=100)
        with Image.open(tmp_path / "turned.jpg") as turned:
            made = np.asarray(centre_square(turned)).astype(int)
        upright = centre_square(stored.transpose(Image.Transpose.ROTATE_270))
        assert np.abs(made - np.asarray(upright)).mean() < 3


class TestFaults:
    def test_a_missing_or_broken_photograph_is_named(self, tmp_path, source):
        (source / f"train2017/{name(9)}.jpg").write_bytes(b"no image")
        (source / f"val2017/{name(6)}.jpg").unlink()
        with pytest.raises(UserError) as caught:
            prepare_coco([source], tmp_path / "data/SR")
        message = str(caught.value)
        assert "train2017: 4 photographs, 4 expected; 2 of at least" in message
        assert f"train2017/{name(9)}.jpg: cannot be decoded (not an image)" in message
        assert "val2017: 1 photographs, 2 expected" in message
        assert "--allow-incomplete" in message
        assert not (tmp_path / "data").exists()
        report = prepare_coco([source], tmp_path / "data/SR", allow_incomplete=True)
        assert f"{name(9)}.jpg: cannot be decoded" in report
        assert files_below(tmp_path / "data/SR") == made_of(1, 77) - {f"val/{name(6)}.png"}

    @pytest.mark.parametrize("split", ["train", "val"])
    def test_both_splits_are_needed(self, tmp_path, source, split):
        (source / f"{split}2017").rename(tmp_path / "elsewhere")
        with pytest.raises(UserError, match=f"(?s)no {split} photographs.*train2017.zip and val2017.zip"):
            prepare_coco([source], tmp_path / "data/SR", allow_incomplete=True)
        assert not (tmp_path / "data").exists()

    def test_the_same_folder_twice(self, tmp_path, source, zip_folder):
        with pytest.raises(UserError, match=r"train2017/0+1\.jpg.*twice.*coco.*\.zip"):
            prepare_coco([source, zip_folder(source / "train2017")], tmp_path / "data/SR")

    def test_something_else(self, tmp_path):
        save_picture(tmp_path / "photos/train2017/holiday.jpg", 0, 400, 400)
        with pytest.raises(UserError, match=r"photos.*train2017/"):
            prepare_coco([tmp_path / "photos"], tmp_path / "data/SR")
