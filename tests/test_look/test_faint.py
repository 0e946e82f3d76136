import numpy as np
import pytest

from mmlle.look import faint
from mmlle.look.faint import CLEAR, average_faint

FULL = np.ones((1, 1), np.float32)


def night(height=90, width=70, seed=0):
    """A sky of zeros, ones and twos of eight bits above a lit wall, and the same enhanced forty times."""
    image = np.random.default_rng(seed).integers(0, 3, (height, width, 1)).repeat(3, axis=2) / 255
    image[height // 2 :] = 0.5
    image = image.astype(np.float32)
    enhanced = np.where(image < CLEAR, 40 * image, 0.6).astype(np.float32)
    return image, enhanced


def test_a_night_sky_has_no_speckles():
    image, enhanced = night()
    before = enhanced.copy()
    average_faint(image, enhanced, FULL)
    sky = slice(None, 45)
    assert enhanced[sky].std() < before[sky].std() / 5
    assert enhanced[sky].mean() == pytest.approx(before[sky].mean(), rel=0.02)


def test_lights_keep_their_edges_and_leave_no_halo():
    image, enhanced = night()
    before = enhanced.copy()
    average_faint(image, enhanced, FULL)
    np.testing.assert_array_equal(enhanced[45:], before[45:])
    assert enhanced[40:45].max() < before[:45].max()


def test_a_faint_pixel_among_clear_ones_stays():
    image = np.full((30, 30, 3), 0.3, np.float32)
    image[15, 15] = 0
    enhanced = 2 * image
    average_faint(image, enhanced, FULL)
    np.testing.assert_allclose(enhanced, 2 * image, atol=1e-6)


@pytest.mark.parametrize("planar", [False, True])
def test_bands_do_not_show(planar, monkeypatch):
    image, enhanced = night()
    whole = enhanced.copy()
    average_faint(image, whole, FULL)
    if planar:
        enhanced = np.ascontiguousarray(enhanced.transpose(2, 0, 1)).transpose(1, 2, 0)
    monkeypatch.setattr(faint, "BAND", 11)
    average_faint(image, enhanced, FULL)
    np.testing.assert_allclose(enhanced, whole, atol=1e-6)


def test_where_there_is_no_strength_nothing_changes_and_where_there_is_little_less():
    image, enhanced = night()
    full = enhanced.copy()
    average_faint(image, full, FULL)
    strength = np.repeat(np.float32([0, 0.1, 0.25]), [20, 30, 20])[None].repeat(90, axis=0)
    before = enhanced.copy()
    average_faint(image, enhanced, strength)
    np.testing.assert_array_equal(enhanced[:, :20], before[:, :20])
    halfway = before + np.float32(0.4) * (full - before)
    np.testing.assert_allclose(enhanced[:, 20:50], halfway[:, 20:50], atol=1e-6)
    np.testing.assert_allclose(enhanced[:, 50:], full[:, 50:], atol=1e-6)
