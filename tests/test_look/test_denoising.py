import numpy as np
import pytest

from mmlle.look.bands import bands
from mmlle.look.denoising import REACH, denoise, filter_strength, noise_level


def picture(noise, seed=0):
    """A gradient with an edge, and noise of a standard deviation in 8-bit values."""
    rows, columns = np.mgrid[0:120, 0:160]
    clean = np.repeat((60 + rows / 2 + 60 * (columns > 80))[..., None], 3, axis=2)
    noisy = clean + np.random.default_rng(seed).normal(0, noise, clean.shape)
    return tuple((image / 255).clip(0, 1).astype(np.float32) for image in (clean, noisy))


@pytest.mark.parametrize("noise", [3, 8, 20])
def test_the_level_is_that_of_the_noise(noise):
    _, noisy = picture(noise)
    assert noise_level(noisy) == pytest.approx(noise, rel=0.05)


def test_a_part_of_a_large_image_is_enough(monkeypatch):
    _, noisy = picture(8)
    monkeypatch.setattr("mmlle.look.denoising.MAX_PIXELS", 160 * 40)
    assert noise_level(noisy) == pytest.approx(8, rel=0.1)


def test_edges_are_no_noise():
    clean, _ = picture(0)
    assert noise_level(clean) < 1


def test_the_filter_follows_visible_noise():
    assert filter_strength(1.5) == 0
    assert filter_strength(5) > 0
    assert filter_strength(10) == pytest.approx(2 * filter_strength(5))


def test_noise_is_removed():
    clean, noisy = picture(10)
    before, after = (np.abs(image - clean).mean() for image in (noisy, denoise(noisy, filter_strength(10))))
    assert after < before / 2


def test_finer_values_than_8_bits_stay():
    image = np.full((40, 50, 3), 100.3 / 255, np.float32)
    np.testing.assert_allclose(denoise(image, 3), image, atol=1e-7)


def test_a_larger_strength_removes_more():
    _, noisy = picture(10)
    changes = [np.abs(denoise(noisy, strength) - noisy).mean() for strength in (3, 20)]
    assert changes[0] < changes[1]


def test_bands_with_their_surroundings_give_the_numbers_of_the_whole_image():
    _, noisy = picture(10)
    whole = denoise(noisy, 9)
    for rows, around, inside in bands(len(noisy), 50, REACH):
        np.testing.assert_allclose(denoise(noisy[around], 9)[inside], whole[rows], atol=1e-6)


def test_saturated_lights_are_not_burnt_out():
    # Dark red and light orange: their mean in Lab, in which the filter works, has more red than either.
    red, orange = np.array([[0.77, 0.06, 0.09], [0.90, 0.70, 0.31]], np.float32)
    stripes = np.where(np.arange(60)[None, :, None] // 2 % 2, red, orange).repeat(40, axis=0)
    assert denoise(stripes, 60).max() <= 0.93 + 1e-6
    bright = np.full((40, 50, 3), 0.97, np.float32)
    np.testing.assert_allclose(denoise(bright, 10), bright, atol=1e-6)
