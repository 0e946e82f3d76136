"""Simulated low-light photographs: a sensor's exposure and noise applied to a well-lit photograph.

The noise is the heteroscedastic Gaussian approximation of shot and read noise of
A. Foi, M. Trimeche, V. Katkovnik, K. Egiazarian, "Practical Poissonian-Gaussian noise modeling and
fitting for single-image raw-data", IEEE TIP 17(10), 2008::

    y = x + sqrt(a * x + b) * n,    n ~ N(0, 1)

with ``x`` the linear signal in [0, 1], ``a`` the shot noise (variance per signal: photons come one
by one) and ``b`` the read noise (variance without signal: the electronics).

The levels follow T. Brooks et al., "Unprocessing images for learned raw denoising", CVPR 2019, who
fitted real cameras: ``log a`` uniform between ``log 0.0001`` and ``log 0.012``, and
``log b = 2.18 log a + 1.20`` plus a Gaussian of deviation 0.26. Only the quiet end of that range,
``a`` up to 0.0005, is drawn here: the paper's noise is meant for well exposed raw images, and its
noisy end would bury a signal of one hundredth of full scale. Training may ask for other ranges. What real
dark photographs have, measured: ``docs/data.md``.

Left out for simplicity: the colour filter array, the camera's colour matrix and its tone curve.
Only NumPy is needed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mmlle.media.color import linear_to_srgb, srgb_to_linear

__all__ = [
    "NoiseLevel",
    "add_sensor_noise",
    "draw_noise_level",
    "simulate_low_light",
]

SHOT_NOISE_RANGE = (1e-4, 5e-4)
READ_NOISE_SLOPE = 2.18
READ_NOISE_OFFSET = 1.20
READ_NOISE_DEVIATION = 0.26


class NoiseLevel(NamedTuple):
    """Variance of the noise as a line over the linear signal: ``shot * x + read``."""

    shot: float
    read: float


def draw_noise_level(
    rng: np.random.Generator,
    shot_noise: tuple[float, float] = SHOT_NOISE_RANGE,
    read_noise: tuple[float, float] | None = None,
) -> NoiseLevel:
    """Draw the noise of one camera setting (see the module's description).

    Args:
        rng: source of the numbers.
        shot_noise: least and largest shot noise, above 0.
        read_noise: least and largest read noise, above 0, drawn uniformly in the logarithm whatever the shot
            noise; None for the read noise that goes with the shot noise in raw images.
    """
    log_shot = rng.uniform(*np.log(shot_noise))
    if read_noise is None:
        log_read = READ_NOISE_SLOPE * log_shot + READ_NOISE_OFFSET
        log_read += rng.normal(0.0, READ_NOISE_DEVIATION)
    else:
        log_read = rng.uniform(*np.log(read_noise))
    return NoiseLevel(float(np.exp(log_shot)), float(np.exp(log_read)))


def add_sensor_noise(linear: np.ndarray, level: NoiseLevel, rng: np.random.Generator) -> np.ndarray:
    """Add shot and read noise, independent for each value.

    Args:
        linear: light in [0, 1], any shape.
        level: variance of the noise over the signal.
        rng: source of the noise.

    Returns:
        Noisy light, the same shape, not clipped.
    """
    deviation = np.sqrt(level.shot * linear + level.read)
    return linear + deviation * rng.standard_normal(linear.shape)


def simulate_low_light(
    image: np.ndarray,
    exposure: float,
    rng: np.random.Generator,
    level: NoiseLevel | None = None,
) -> np.ndarray:
    """Simulate the photograph that a camera takes with ``exposure`` times the light.

    Args:
        image: (H, W, 3) sRGB image, uint8.
        exposure: factor on the linear light, above 0; 1 keeps the brightness and adds the noise.
        rng: source of the noise.
        level: strength of the noise; drawn by `draw_noise_level` when None.

    Returns:
        (H, W, 3) sRGB image, uint8.

    Raises:
        TypeError: if ``image`` is not uint8.
        ValueError: if ``image`` is not (H, W, 3) or ``exposure`` is not above 0.
    """
    if image.dtype != np.uint8:
        raise TypeError(f"simulate_low_light expects a uint8 image with values 0 to 255, got {image.dtype}")
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"simulate_low_light expects an image of shape (H, W, 3), got {image.shape}")
    if not exposure > 0:
        raise ValueError(f"exposure must be above 0, got {exposure}")
    level = draw_noise_level(rng) if level is None else level
    light = _LIGHT[image] * exposure
    noisy = np.clip(add_sensor_noise(light, level, rng), 0.0, 1.0)
    return np.rint(linear_to_srgb(noisy) * 255.0).astype(np.uint8)


# Of each 8-bit value: a table is faster than the power.
_LIGHT = srgb_to_linear(np.arange(256) / 255.0)
