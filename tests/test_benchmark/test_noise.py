import cv2
import numpy as np
import pytest

from mmlle.benchmark.noise import (
    LUMA_EDGES,
    measure_noise,
    noise_table,
    real_images,
    synthesised_images,
)
from mmlle.datasets.low_light_synthesis import NoiseLevel, simulate_low_light
from mmlle.media.image_io import write_image
from mmlle.utils.errors import UserError


def picture(side=320):
    """Smooth blobs of all brightnesses."""
    coarse = np.random.default_rng(0).integers(20, 255, (6, 6, 3), np.uint8)
    return cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("level", [(1e-4, 6e-9), (5e-4, 2e-7), (2e-5, 1e-12), (2e-3, 6e-6)])
def test_the_noise_that_was_added_is_found(level):
    dark = simulate_low_light(picture(), 0.15, np.random.default_rng(1), NoiseLevel(*level))
    profile = measure_noise(dark)
    assert profile.level.shot == pytest.approx(level[0], rel=0.12)
    assert profile.level.read < 2 * level[1] + 3e-8
    assert profile.grain == pytest.approx(1, abs=0.15)


def test_read_noise_is_told_from_shot_noise():
    dark = simulate_low_light(picture(), 0.15, np.random.default_rng(1), NoiseLevel(1e-12, 1e-6))
    level = measure_noise(dark).level
    assert level.read == pytest.approx(1e-6, rel=0.2)
    assert level.shot < 1e-5


def test_deviations_are_those_of_eight_bit_values():
    grey = np.full((320, 320, 3), 40, np.float32)
    noisy = grey + np.random.default_rng(0).normal(0, 3, grey.shape)
    deviation = measure_noise(noisy.round().astype(np.uint8)).deviation
    assert np.flatnonzero(np.isfinite(deviation)) == [LUMA_EDGES.index(32)]
    assert np.nanmax(deviation) == pytest.approx(3, rel=0.05)


def test_texture_beside_flat_places_is_no_noise():
    """Bars cover two thirds of the picture; the noise is that of the rest."""
    rng = np.random.default_rng(0)
    grey = np.full((320, 320, 3), 40.0)
    grey[100:] += 8 * rng.choice([-1, 1], (220, 320, 3)).repeat(8, axis=1)[:, :320]
    noisy = (grey + rng.normal(0, 1.5, grey.shape)).round().clip(0, 255).astype(np.uint8)
    assert measure_noise(noisy).deviation[LUMA_EDGES.index(32)] == pytest.approx(1.5, rel=0.1)


def test_smoothed_noise_is_coarse():
    noise = np.random.default_rng(0).normal(0, 12, (320, 320, 3))
    smooth = cv2.GaussianBlur(noise, None, 0.8)
    assert measure_noise((40 + smooth).round().clip(1, 254).astype(np.uint8)).grain > 1.8


def test_where_nothing_can_be_measured():
    profile = measure_noise(np.zeros((40, 40, 3), np.uint8))
    assert np.isnan(profile.deviation).all()
    assert np.isnan(profile.grain)
    assert profile.level is None


def test_synthesised_images_are_darkened_alike_with_and_without_noise():
    images = [picture(64)] * 3
    noisy = list(synthesised_images(images, (0.05, 0.5), (1e-5, 1e-4), (1e-8, 1e-7)))
    clean = list(synthesised_images(images, (0.05, 0.5), None))
    means = np.array([[image.mean() for image in group] for group in (noisy, clean)])
    assert np.allclose(*means, rtol=0.02)
    assert np.ptp(means[1]) > 5
    assert all((one != other).mean() > 0.2 for one, other in zip(noisy, clean, strict=True))


def test_folders_are_read_and_reduced(tmp_path):
    write_image(tmp_path / "a.png", picture(64))
    write_image(tmp_path / "b.png", picture(16))
    assert [image.shape for image in real_images(tmp_path, side=32)] == [(32, 32, 3), (16, 16, 3)]
    assert [image.shape[0] for image in real_images(tmp_path)] == [64, 16]
    with pytest.raises(UserError, match="no image in .*nowhere"):
        next(real_images(tmp_path / "nowhere"))


def test_the_table_has_medians():
    profiles = [
        measure_noise(simulate_low_light(picture(), 0.15, np.random.default_rng(1), NoiseLevel(shot, 1e-12)))
        for shot in (1e-4, 1e-4, 4e-4)
    ]
    head, _, real, empty = noise_table({"real": profiles, "empty": []}).splitlines()
    cells = dict(zip(head.split(" | "), real.split(" | "), strict=True))
    assert cells["n"] == "3"
    assert cells["32–48"] == f"{profiles[0].deviation[LUMA_EDGES.index(32)]:.1f}"
    assert cells["shot noise"].startswith(f"{profiles[0].level.shot:.1e} (")
    assert empty.count("–") >= len(LUMA_EDGES) + 2
