"""The noise of photographs as a function of their brightness, to compare synthesised ones with real ones.

Signal-dependent noise is measured in flat patches, in the manner of A. Foi et al., "Practical
Poissonian-Gaussian noise modeling and fitting for single-image raw-data", IEEE TIP 17(10), 2008, and of
C. Liu et al., "Automatic estimation and removal of noise from a single image", IEEE TPAMI 30(2), 2008. These
are 8-bit images that a camera has processed: what is fitted is not the sensor's noise but the noise that
`mmlle.datasets.low_light_synthesis` would have to add for the same effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mmlle.datasets.low_light_synthesis import NoiseLevel, draw_noise_level, simulate_low_light
from mmlle.media.color import mean_luma, srgb_to_linear
from mmlle.media.image_io import list_images, read_image
from mmlle.utils.errors import UserError

__all__ = ["LUMA_EDGES", "NoiseProfile", "measure_noise", "noise_table", "real_images", "synthesised_images"]

#: Edges of the ranges of brightness, of a channel's 8-bit values.
LUMA_EDGES = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128)
#: Side of a patch and of the blocks that tell whether it is flat, in pixels.
PATCH, BLOCK = 16, 4
#: Which share of the patches of one brightness counts as flat, and how many there must be.
FLATTEST, FEWEST = 0.2, 5
#: A patch with a larger share of black or white pixels is left out: what is clipped has no noise.
CLIPPED = 0.05
#: Of a difference of two Laplacians (J. Immerkær, "Fast noise variance estimation", CVIU 64, 1996), which
#: answers to noise and not to straight edges.
MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
#: Variance of rounding to 8 bits.
ROUNDING = 1 / 12


class NoiseProfile(NamedTuple):
    """The noise of one image.

    Attributes:
        deviation: Standard deviation, in 8-bit values, by range of :data:`LUMA_EDGES`; NaN where there are
            too few flat patches.
        grain: Twice the standard deviation at half the size over that at full size: 1 for independent pixels,
            more for noise that a camera has smoothed or compressed, and for texture. NaN without visible
            noise.
        level: The fit of ``shot * x + read`` to the variance over the linear signal; None where there are
            fewer than two ranges.
        luma: Mean luma of the image.
    """

    deviation: np.ndarray
    grain: float
    level: NoiseLevel | None
    luma: float


def measure_noise(image: np.ndarray) -> NoiseProfile:
    """Measure the noise of an image in its flat patches.

    Args:
        image: (H, W, 3) uint8, BGR. Its channels are measured one by one and taken together.
    """
    variance, value = _by_brightness(image)
    deviation = np.sqrt(variance)
    halves = np.sqrt(_by_brightness(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))[0])
    # Deviations below half a step are mostly rounding.
    both = (deviation > 0.5) & np.isfinite(halves)
    grain = float(np.median(2 * halves[both] / deviation[both])) if both.any() else float("nan")
    return NoiseProfile(deviation, grain, _fit(variance, value), mean_luma(image))


def _by_brightness(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the variance of the noise and the mean value of the flat patches, by range of brightness."""
    means, structures, variances = (
        np.concatenate(values)
        for values in zip(*(_patches(channel) for channel in np.moveaxis(image, 2, 0)), strict=True)
    )
    ranges = len(LUMA_EDGES) - 1
    variance, value = np.full(ranges, np.nan), np.full(ranges, np.nan)
    for index in range(ranges):
        inside = (means >= LUMA_EDGES[index]) & (means < LUMA_EDGES[index + 1])
        if inside.sum() * FLATTEST < FEWEST:
            continue
        flat = inside & (structures <= np.quantile(structures[inside], FLATTEST))
        variance[index] = max(np.median(variances[flat]) - ROUNDING, 0.0)
        value[index] = means[flat].mean()
    return variance, value


def _patches(channel: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the mean, the structure (coarse deviation from a plane) and the fine variance of each patch."""
    answer = cv2.filter2D(channel.astype(np.float32), -1, MASK) / 6
    pixels, answers = (_cut(image, PATCH) for image in (channel, answer))
    usable = np.mean((pixels == 0) | (pixels == 255), axis=(1, 2)) <= CLIPPED
    pixels, answers = pixels[usable].astype(np.float32), answers[usable]
    side = PATCH // BLOCK
    blocks = pixels.reshape(-1, side, BLOCK, side, BLOCK).mean(axis=(2, 4)).reshape(-1, side * side)
    rows, columns = np.mgrid[:side, :side].reshape(2, -1) - (side - 1) / 2
    plane = np.stack([np.ones(side * side), rows, columns], axis=1)
    residual = blocks - blocks @ plane @ np.linalg.inv(plane.T @ plane) @ plane.T
    return pixels.mean(axis=(1, 2)), residual.std(axis=1), np.mean(answers**2, axis=(1, 2))


def _cut(image: np.ndarray, side: int) -> np.ndarray:
    rows, columns = (length // side for length in image.shape)
    cut = image[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return cut.swapaxes(1, 2).reshape(-1, side, side)


def _fit(variance: np.ndarray, value: np.ndarray) -> NoiseLevel | None:
    """Fit ``shot * x + read``, neither below 0, to the variance of linear light, relative to its size."""
    known = np.isfinite(variance)
    if known.sum() < 2:
        return None
    encoded = value[known] / 255
    light = srgb_to_linear(encoded)
    slope = (srgb_to_linear(encoded + 1e-4) - srgb_to_linear(encoded - 1e-4)) / 2e-4
    linear = variance[known] / 255**2 * slope**2
    weight = 1 / np.maximum(linear, (0.1 * slope / 255) ** 2)
    terms = np.stack([light, np.ones_like(light)], axis=1) * weight[:, None]
    target = linear * weight
    shot, read = np.linalg.lstsq(terms, target, rcond=None)[0]
    if shot < 0:
        shot, read = 0.0, terms[:, 1] @ target / (terms[:, 1] @ terms[:, 1])
    elif read < 0:
        shot, read = terms[:, 0] @ target / (terms[:, 0] @ terms[:, 0]), 0.0
    return NoiseLevel(float(shot), float(read))


def real_images(folder: str | Path, side: int | None = None) -> Iterator[np.ndarray]:
    """Read the photographs of a folder, reduced by averaging to at most ``side`` pixels on the longer side.

    Raises:
        UserError: If the folder holds no image.
    """
    names = list_images(folder)
    if not names:
        raise UserError(f"There is no image in {folder} (looked for from {Path.cwd()}).")
    for name in names:
        image = read_image(Path(folder, name))
        scale = 1.0 if side is None else side / max(image.shape[:2])
        if scale < 1:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        yield image


def synthesised_images(
    images: Iterable[np.ndarray],
    exposure: tuple[float, float],
    shot_noise: tuple[float, float] | None,
    read_noise: tuple[float, float] | None = None,
    seed: int = 0,
) -> Iterator[np.ndarray]:
    """Darken images as the transform ``SynthesizeLowLight`` does.

    Args:
        images: Well exposed images, (H, W, 3) uint8.
        exposure: Least and largest factor on the light.
        shot_noise: Least and largest shot noise; None for no noise at all, which shows what the measurement
            makes of texture and of the noise that the images had before.
        read_noise: Least and largest read noise; None for what goes with the shot noise.
        seed: Of the draws. The exposures are the same with and without noise.
    """
    for index, image in enumerate(images):
        rng = np.random.default_rng([seed, index])
        factor = float(np.exp(rng.uniform(*np.log(exposure))))
        level = NoiseLevel(0.0, 0.0)
        if shot_noise is not None:
            level = draw_noise_level(rng, shot_noise, read_noise)
        yield simulate_low_light(image, factor, rng, level)


def noise_table(groups: Mapping[str, list[NoiseProfile]]) -> str:
    """Compare groups of images in a table, Markdown.

    Args:
        groups: Profiles by the name of the group.

    Returns:
        A row for each group: medians of the images' mean lumas, deviations in each range of brightness,
        grain, shot and read noise, some with 10th and 90th percentiles.
    """
    ranges = [f"{low}–{high}" for low, high in zip(LUMA_EDGES[:-1], LUMA_EDGES[1:], strict=True)]
    rows = [["photographs", "n", "luma", *ranges, "grain", "shot noise", "read noise"]]
    rows.append(["---"] * len(rows[0]))
    for name, profiles in groups.items():
        cells = [
            _median([profile.deviation[index] for profile in profiles], "{:.1f}")
            for index in range(len(ranges))
        ]
        levels = [profile.level for profile in profiles if profile.level is not None]
        rows.append(
            [
                name,
                str(len(profiles)),
                _spread([profile.luma for profile in profiles], "{:.0f}"),
                *cells,
                _median([profile.grain for profile in profiles], "{:.2f}"),
                _spread([level.shot for level in levels], "{:.1e}"),
                _spread([level.read for level in levels], "{:.1e}"),
            ]
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _median(values: Iterable[float], form: str) -> str:
    known = [value for value in values if np.isfinite(value)]
    return form.format(np.median(known)) if known else "–"


def _spread(values: list[float], form: str) -> str:
    if not values:
        return "–"
    low, middle, high = (form.format(value) for value in np.quantile(values, (0.1, 0.5, 0.9)))
    return f"{middle} ({low} to {high})"
