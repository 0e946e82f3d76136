import numpy as np
import pytest

from mmlle.look.denoising import denoise, noise_level


def picture(noise, seed=0):
    """A gradient with an edge, and noise of a standard deviation."""
    rows, columns = np.mgrid[0:120, 0:160]
    clean = np.repeat((60 + rows / 2 + 60 * (columns > 80))[..., None], 3, axis=2)
    noisy = clean + np.random.default_rng(seed).normal(0, noise, clean.shape)
    return clean, np.rint(noisy).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("noise", [3, 8, 20])
def test_the_level_is_that_of_the_noise(noise):
    _, noisy = picture(noise)
    assert noise_level(noisy) == pytest.approx(noise, rel=0.05)


def test_a_part_of_a_large_image_is_enough(monkeypatch):
    _, noisy = picture(8)
    monkeypatch.setattr("mmlle.look.denoising.MAX_PIXELS", 160 * 40)
    assert noise_level(noisy) == pytest.approx(8, rel=0.1)


def test_edges_are_no_noise():
    _, clean = picture(0)
    assert noise_level(clean) < 1


def test_noise_is_removed():
    clean, noisy = picture(10)
    before, after = (np.abs(image - clean).mean() for image in (noisy, denoise(noisy)))
    assert after < before / 2


def test_what_is_clean_is_left_alone():
    _, clean = picture(1)
    assert denoise(clean) is clean


def test_a_given_strength_counts():
    _, noisy = picture(10)
    assert denoise(noisy, 0) is noisy
    assert (
        np.abs(denoise(noisy, 3).astype(int) - noisy).mean()
        < np.abs(denoise(noisy, 20).astype(int) - noisy).mean()
    )
