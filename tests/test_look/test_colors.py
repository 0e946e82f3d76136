import numpy as np
import pytest
from skimage.color import rgb2lab

from mmlle.look.colors import keep_hues
from mmlle.media.color import rgb_luma


def hue(image):
    lab = rgb2lab(image)
    return np.degrees(np.arctan2(lab[..., 2], lab[..., 1]))


def constant(*rgb):
    return np.full((16, 16, 3), rgb, np.float32)


def test_the_hue_is_the_inputs_and_luma_and_chroma_are_the_outputs():
    image, enhanced = constant(0.10, 0.05, 0.02), constant(0.50, 0.30, 0.45)
    result = keep_hues(image, enhanced)
    np.testing.assert_allclose(rgb_luma(result), rgb_luma(enhanced), atol=1e-5)
    chromas = [np.linalg.norm(x - rgb_luma(x)[..., None], axis=-1)[0, 0] for x in (result, enhanced)]
    assert chromas[0] == pytest.approx(chromas[1], rel=0.01)
    before = abs(hue(enhanced) - hue(image))[0, 0]
    after = abs(hue(result) - hue(image))[0, 0]
    assert after < before / 3


def test_an_image_with_its_hues_stays():
    image = constant(0.10, 0.05, 0.02)
    np.testing.assert_allclose(keep_hues(image, 4 * image), 4 * image, atol=2e-3)


def test_bands_give_the_numbers_of_the_whole_image(monkeypatch):
    rng = np.random.default_rng(0)
    image, enhanced = rng.random((2, 37, 20, 3), np.float32)
    banded = keep_hues(image, enhanced)
    monkeypatch.setattr("mmlle.look.colors.BAND", 100)
    np.testing.assert_allclose(banded, keep_hues(image, enhanced), atol=1e-6)


def test_what_is_grey_stays_grey():
    result = keep_hues(constant(0.1, 0.1, 0.1), constant(0.5, 0.4, 0.3))
    assert np.ptp(result, axis=-1).max() < 1e-3


def test_black_is_not_green_by_a_step_of_rounding_and_a_tint_is_not_lost():
    faint, enhanced = constant(0, 1 / 255, 0), constant(0.10, 0.30, 0.10)
    assert np.ptp(keep_hues(faint, enhanced)[8, 8]) < 0.6 * np.ptp(enhanced[8, 8])
    tint = constant(0.500, 0.502, 0.500)
    np.testing.assert_allclose(keep_hues(tint, tint), tint, atol=1e-5)


def test_colours_stay_in_range_and_are_not_burnt():
    rng = np.random.default_rng(0)
    image = rng.uniform(0, 0.3, (32, 32, 3)).astype(np.float32)
    enhanced = rng.uniform(0, 0.9, (32, 32, 3)).astype(np.float32)
    result = keep_hues(image, enhanced)
    assert result.min() >= -1e-5
    assert result.max() <= 0.93 + 1e-5


def test_an_image_in_planes_is_as_good():
    image, enhanced = np.random.default_rng(0).random((2, 37, 20, 3), np.float32)
    planes = np.ascontiguousarray(enhanced.transpose(2, 0, 1)).transpose(1, 2, 0)  # as the runtimes give it
    assert np.array_equal(keep_hues(image, planes), keep_hues(image, enhanced))


def test_a_band_gives_the_rows_of_the_whole_image():
    image, enhanced = np.random.default_rng(0).random((2, 150, 20, 3), np.float32)
    band = keep_hues(image, enhanced[40:130], 40)
    np.testing.assert_allclose(band, keep_hues(image, enhanced)[40:130], atol=1e-6)
