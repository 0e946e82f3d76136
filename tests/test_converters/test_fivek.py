import cv2
import numpy as np
import pytest
from PIL import Image

from mmlle.converters import fivek
from mmlle.converters.fivek import prepare_fivek
from mmlle.utils.errors import UserError

from .pictures import files_below, save_picture, smooth_picture


@pytest.fixture
def source(tmp_path, monkeypatch):
    """Three photographs, the last for testing: JPEG inputs, and TIFF results of 16 bits."""
    monkeypatch.setattr(fivek, "COUNT", 3)
    monkeypatch.setattr(fivek, "TRAIN", 2)
    for number in (1, 2, 3):
        save_picture(tmp_path / f"inputs/a{number:04d}-kme_{number}.jpg", number, 24, 16)
        (tmp_path / "tiff16_c").mkdir(exist_ok=True)
        deep = smooth_picture(number, 24, 16)[..., ::-1].astype(np.uint16) * 257
        cv2.imwrite(str(tmp_path / f"tiff16_c/a{number:04d}-kme_{number}.tif"), deep)
    return tmp_path / "inputs", tmp_path / "tiff16_c"


@pytest.mark.parametrize("packed", [False, True])
def test_they_are_paired_by_number(tmp_path, source, zip_folder, packed):
    out = tmp_path / "data/FiveK"
    report = prepare_fivek(*(map(zip_folder, source) if packed else source), out)
    assert report == "3 complete pairs, 3 expected (3 inputs, 3 results found): 2 for training, 1 for testing"
    assert files_below(out) == {
        *(f"train/{kind}/a000{number}.png" for kind in ("low", "high") for number in (1, 2)),
        *(f"test/{kind}/a0003.png" for kind in ("low", "high")),
    }
    with Image.open(out / "test/high/a0003.png") as image:
        assert np.array_equal(image, smooth_picture(3, 24, 16))


def test_they_are_reduced(tmp_path, source):
    prepare_fivek(*source, tmp_path / "out", side=12)
    expected = Image.fromarray(smooth_picture(1, 24, 16)).resize((12, 8), Image.Resampling.LANCZOS)
    with Image.open(tmp_path / "out/train/high/a0001.png") as image:
        assert np.array_equal(image, expected)


def test_what_is_wrong_is_named(tmp_path, source):
    inputs, expert = source
    next(inputs.glob("a0001*")).unlink()
    next(expert.glob("a0002*")).write_bytes(b"no image")
    save_picture(inputs / "a0003-kme_3.jpg", 3, 16, 24)
    with pytest.raises(UserError) as caught:
        prepare_fivek(inputs, expert, tmp_path / "data", allow_incomplete=True)
    message = str(caught.value)
    assert "0 complete pairs, 3 expected (2 inputs, 3 results found)" in message
    assert "  a0001: missing in low" in message
    assert "  a0002: high cannot be decoded" in message
    assert "  a0003: sizes differ (reduced, low 16x24, high 24x16)" in message
    assert not (tmp_path / "data").exists()


def test_incomplete_pairs_need_a_word(tmp_path, source):
    inputs, expert = source
    next(expert.glob("a0001*")).unlink()
    with pytest.raises(
        UserError, match="(?s)not as it should be.*a0001: missing in high.*--allow-incomplete"
    ):
        prepare_fivek(inputs, expert, tmp_path / "data")
    prepare_fivek(inputs, expert, tmp_path / "data", allow_incomplete=True)
    assert len(files_below(tmp_path / "data")) == 4


def test_something_else(tmp_path, source):
    inputs, expert = source
    save_picture(tmp_path / "other/a00012.png")
    with pytest.raises(UserError, match="no photographs of FiveK in .*other"):
        prepare_fivek(inputs, tmp_path / "other", tmp_path / "data")
    save_picture(inputs / "copy/a0001.png")
    with pytest.raises(UserError, match="a0001 twice"):
        prepare_fivek(inputs, expert, tmp_path / "data")
