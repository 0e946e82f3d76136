import cv2
import numpy as np
import pytest
from skimage.color import lab2rgb

from mmlle.evaluation.functional import (
    burnt_pixels,
    chroma_ratio,
    highlight_psnr,
    hue_shift,
    identity_psnr,
    shadow_luma,
)


def grey(*values: int) -> np.ndarray:
    """One row of grey pixels."""
    return np.repeat(np.array([values], np.uint8)[..., None], 3, axis=-1)


def lab(*colours: tuple[float, float, float]) -> np.ndarray:
    """One row of pixels of given CIE Lab colours, BGR."""
    return np.rint(lab2rgb(np.array([colours])) * 255).astype(np.uint8)[..., ::-1]


def polar(chroma: float, hue: float, lightness: float = 60) -> tuple[float, float, float]:
    return lightness, chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))


def test_burnt_is_one_channel_that_became_240_from_below_200():
    before = grey(199, 200, 100, 250)
    after = grey(240, 255, 239, 255)
    assert burnt_pixels(before, after) == 25
    after[0, 2, 1] = 240  # green alone
    assert burnt_pixels(before, after) == 50


def test_hue_shift_is_weighted_by_the_chroma_of_the_input():
    # 20 of 60 parts turn by 90 degrees, 40 by 30; the grey pixel has no hue.
    before = lab(polar(20, 10), polar(40, 120), polar(4, 0))
    after = lab(polar(20, 100), polar(40, 150), polar(30, 180))
    assert hue_shift(before, after) == pytest.approx((20 * 90 + 40 * 30) / 60, abs=2)


def test_hue_shift_goes_the_short_way_round():
    assert hue_shift(lab(polar(30, 170)), lab(polar(30, -170))) == pytest.approx(20, abs=2)


def test_hue_of_a_grey_image():
    assert hue_shift(grey(10, 200), grey(20, 220)) is None


def test_chroma_ratio_is_that_of_the_means():
    before = lab(polar(20, 40), polar(24, 200))
    after = lab(polar(10, 40), polar(12, 100))
    assert chroma_ratio(before, after) == pytest.approx(0.5, abs=0.03)
    assert chroma_ratio(grey(1, 2), after) is None


def test_shadows_are_pixels_below_40_if_they_are_over_a_tenth():
    before, after = grey(39, 10, *[40] * 8), grey(70, 50, *[200] * 8)
    assert shadow_luma(before, after) == pytest.approx(60)
    assert shadow_luma(grey(10, *[40] * 9), grey(50, *[200] * 9)) is None


def test_highlights_are_pixels_above_150_if_they_are_over_a_twentieth():
    before, after = grey(151, *[150] * 18), grey(156, *[0] * 18)
    # An error of 5: 20 log10(255 / 5)
    assert highlight_psnr(before, after) == pytest.approx(34.151, abs=1e-3)
    assert highlight_psnr(grey(151, *[150] * 19), grey(156, *[0] * 19)) is None


def test_identity_of_all_pixels_and_of_the_bright_part():
    before, after = grey(100, 101), grey(100, 111)
    # Squared errors 0 and 100: 10 log10(255² / 50), and 10 log10(255² / 100) of the second alone.
    assert identity_psnr(before, after) == pytest.approx(31.141, abs=1e-3)
    assert identity_psnr(before, after, above_luma=100) == pytest.approx(28.131, abs=1e-3)
    assert identity_psnr(before, after, above_luma=200) is None


@pytest.fixture
def photographs():
    """Random pixels, darker ones among them, and an enhancement of them that goes beyond white."""
    rng = np.random.default_rng(0)
    image = (rng.integers(0, 256, (40, 50, 3)) * rng.choice([0.1, 0.5, 1.0], (40, 50, 1))).astype(np.uint8)
    return image, np.clip(image * rng.uniform(0.8, 2.5, 3) + 10, 0, 255).astype(np.uint8)


def test_they_are_what_the_definitions_say(photographs):
    """Written down pixel by pixel, with OpenCV's Lab."""
    image, enhanced = photographs
    labs = [
        cv2.cvtColor(np.float32(picture / 255), cv2.COLOR_BGR2LAB).reshape(-1, 3) for picture in photographs
    ]
    burnt, shadows, errors, bright, turned, weights, chromas = 0, [], [], [], 0.0, 0.0, [0.0, 0.0]
    pairs = zip(image.reshape(-1, 3).tolist(), enhanced.reshape(-1, 3).tolist(), *labs, strict=True)
    for a, b, lab_a, lab_b in pairs:
        burnt += any(after >= 240 and before < 200 for before, after in zip(a, b, strict=True))
        light, new_light = (0.114 * blue + 0.587 * green + 0.299 * red for blue, green, red in (a, b))
        error = [(before - after) ** 2 for before, after in zip(a, b, strict=True)]
        errors += error
        if light < 40:
            shadows.append(new_light)
        if light > 150:
            bright += error
        chroma = np.hypot(lab_a[1], lab_a[2])
        chromas[0] += chroma
        chromas[1] += np.hypot(lab_b[1], lab_b[2])
        if chroma > 8:
            turn = np.degrees(np.arctan2(lab_b[2], lab_b[1]) - np.arctan2(lab_a[2], lab_a[1])) % 360
            turned += chroma * min(turn, 360 - turn)
            weights += chroma
    assert burnt_pixels(image, enhanced) == pytest.approx(100 * burnt / 2000)
    assert shadow_luma(image, enhanced) == pytest.approx(np.mean(shadows))
    assert highlight_psnr(image, enhanced) == pytest.approx(10 * np.log10(255**2 / np.mean(bright)))
    assert identity_psnr(image, enhanced) == pytest.approx(10 * np.log10(255**2 / np.mean(errors)))
    assert hue_shift(image, enhanced) == pytest.approx(turned / weights, rel=2e-3)
    assert chroma_ratio(image, enhanced) == pytest.approx(chromas[1] / chromas[0], rel=1e-3)


def test_what_changes_nothing(photographs):
    image, _ = photographs
    figures = burnt_pixels(image, image), hue_shift(image, image), chroma_ratio(image, image)
    assert figures == pytest.approx((0, 0, 1), abs=1e-9)
    assert (highlight_psnr(image, image), identity_psnr(image, image)) == (120, 120)
