import numpy as np
import pytest

from mmlle.datasets.low_light_synthesis import (
    SHOT_NOISE_RANGE,
    NoiseLevel,
    add_sensor_noise,
    draw_noise_level,
    simulate_low_light,
)
from mmlle.media.color import srgb_to_linear
from mmlle.testing import dark_image

QUIET = NoiseLevel(0.0, 0.0)


@pytest.mark.parametrize("signal", [0.1, 0.5])
@pytest.mark.parametrize("level", [NoiseLevel(4e-4, 1e-7), NoiseLevel(0.0, 1e-4)])
def test_noise_variance_is_a_line_over_the_signal(signal, level):
    noisy = add_sensor_noise(np.full((400, 400, 3), signal), level, np.random.default_rng(0))
    # Relative deviation of a variance estimate from n values: sqrt(2 / n) = 0.2 %.
    assert noisy.var() == pytest.approx(level.shot * signal + level.read, rel=0.01)
    assert noisy.mean() == pytest.approx(signal, abs=1e-4)


def test_noise_survives_into_the_8_bit_image():
    level = NoiseLevel(5e-4, 1e-5)
    patch = np.full((300, 300, 3), 200, np.uint8)
    light = srgb_to_linear(simulate_low_light(patch, 0.25, np.random.default_rng(1), level) / 255.0)
    signal = 0.25 * srgb_to_linear(np.array(200 / 255.0))
    assert light.var() == pytest.approx(level.shot * signal + level.read, rel=0.05)
    assert light.mean() == pytest.approx(signal, rel=0.01)


def test_noise_levels_stay_in_range_and_read_follows_shot():
    rng = np.random.default_rng(0)
    levels = np.log([draw_noise_level(rng) for _ in range(4000)])
    shot, read = levels.T
    assert shot.min() >= np.log(SHOT_NOISE_RANGE[0])
    assert shot.max() <= np.log(SHOT_NOISE_RANGE[1])
    residual = read - (2.18 * shot + 1.20)
    assert residual.mean() == pytest.approx(0, abs=0.02)
    assert residual.std() == pytest.approx(0.26, rel=0.05)


def test_read_noise_can_be_drawn_apart_from_shot_noise():
    rng = np.random.default_rng(0)
    levels = [draw_noise_level(rng, (1e-5, 1e-4), (1e-8, 1e-7)) for _ in range(300)]
    shots, reads = np.log([level.shot for level in levels]), np.log([level.read for level in levels])
    assert np.allclose([reads.min(), reads.max()], np.log([1e-8, 1e-7]), atol=0.1)
    assert np.isclose(reads.mean(), np.log([1e-8, 1e-7]).mean(), atol=0.15)
    assert abs(np.corrcoef(shots, reads)[0, 1]) < 0.2


def test_less_exposure_gives_a_darker_8_bit_image():
    image = dark_image(48, 64)
    exposures = [1.0, 0.5, 0.2, 0.1, 0.02]
    darker = [simulate_low_light(image, e, np.random.default_rng(3)) for e in exposures]
    assert all(d.dtype == np.uint8 and d.shape == image.shape for d in darker)
    means = [d.mean() for d in darker]
    assert means == sorted(means, reverse=True)
    assert means[-1] < 0.3 * image.mean()


def test_without_noise_exposure_one_gives_the_image_back_and_two_saturates():
    image = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    rng = np.random.default_rng(0)
    assert np.array_equal(simulate_low_light(image, 1.0, rng, QUIET), image)
    assert simulate_low_light(image, 2.0, rng, QUIET)[-1, -1].tolist() == [255, 255, 255]


def test_same_seed_same_image_and_another_seed_another_noise():
    image = dark_image(32, 32)
    first, again, other = (simulate_low_light(image, 0.1, np.random.default_rng(s)) for s in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("image", "exposure", "error", "message"),
    [
        (np.zeros((4, 4, 3)), 0.1, TypeError, "uint8.*float64"),
        (np.zeros((4, 4), np.uint8), 0.1, ValueError, r"\(H, W, 3\).*\(4, 4\)"),
        (np.zeros((4, 4, 3), np.uint8), 0.0, ValueError, "above 0, got 0.0"),
        (np.zeros((4, 4, 3), np.uint8), float("nan"), ValueError, "above 0, got nan"),
    ],
)
def test_wrong_arguments_are_named(image, exposure, error, message):
    with pytest.raises(error, match=message):
        simulate_low_light(image, exposure, np.random.default_rng(0))
