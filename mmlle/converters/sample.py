"""Make a small sample set, offline, from photographs inside the scikit-image wheel.

One run writes the layouts of all four kinds of data set::

    data/sample/LOL/{our485,eval15}/{low,high}/*.png      pairs
    data/sample/SICE/<scene>/<exposure>.png               darkest first
    data/sample/unpaired/{low,normal}/*.png               different places in low and normal
    data/sample/SR/{train,val}/*.png                      high-resolution images

The normal-light photograph is the ground truth; `low_light_synthesis.simulate_low_light` makes the dark one.
Training and evaluation images come from different photographs.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from mmlle.datasets.low_light_synthesis import (
    READ_NOISE_DEVIATION,
    READ_NOISE_OFFSET,
    READ_NOISE_SLOPE,
    SHOT_NOISE_RANGE,
    simulate_low_light,
)
from mmlle.utils.errors import UserError

from .target import assemble, check_target

__all__ = ["Crop", "plan", "prepare_sample"]

TRAIN_PHOTOGRAPHS = ("astronaut.png", "coffee.png")
EVAL_PHOTOGRAPHS = ("chelsea.png",)
LICENCES = {
    "astronaut.png": "Eileen Collins, by NASA; public domain",
    "coffee.png": "a cup of coffee, by Rachel Michetti; CC0",
    "chelsea.png": "Chelsea the cat, by Stefan van der Walt; CC0",
}
TRAIN_PAIRS, EVAL_PAIRS, SCENES, UNPAIRED, SR_TRAIN, SR_VAL = 32, 5, 8, 12, 12, 3
SIZE_RANGE = (48, 256)

# Chosen so that the mean luma of the dark images is that of LOL's, 10 to 40 of 255.
EXPOSURE_RANGE = (1 / 60, 1 / 16)
LADDER = (1 / 48, 1 / 20, 1 / 8, 1 / 3, 1.0)
LADDER_JITTER = 1.25


@dataclass(frozen=True)
class Crop:
    """One place in a photograph and the image files that come from it.

    Attributes:
        name: Seeds the place and the noise, so that no image depends on those made before it.
        photograph: File in scikit-image's data folder.
        width: Of the images, in pixels.
        height: Of the images, in pixels.
        normal: Path of the photograph as it is, or None.
        low: Path of one darkened image, or None.
        ladder: Paths of a series of exposures, darkest first.
    """

    name: str
    photograph: str
    width: int
    height: int
    normal: str | None = None
    low: str | None = None
    ladder: tuple[str, ...] = ()

    @property
    def files(self) -> list[str]:
        """All paths of this crop."""
        return [path for path in (self.normal, self.low, *self.ladder) if path is not None]


def plan(size: int) -> list[Crop]:
    """List everything the sample set holds.

    Args:
        size: Side of the square images; the second and fourth evaluation pair are odd-sized.

    Returns:
        One crop for each scene or image; paths are relative to the root of the set.
    """
    odd = (size - 1) | 1, (size * 3 // 4) | 1
    shapes = [(size, size), odd, (size, size), odd[::-1], (size, size)]
    train, evaluation = TRAIN_PHOTOGRAPHS, EVAL_PHOTOGRAPHS
    square = (size, size)
    crops = []
    for i, photograph in _take(TRAIN_PAIRS, train):
        low, high = (f"LOL/our485/{side}/{i + 1:02d}.png" for side in ("low", "high"))
        crops.append(Crop(f"train{i}", photograph, *square, high, low))
    for i, photograph in _take(EVAL_PAIRS, evaluation):
        low, high = (f"LOL/eval15/{side}/{i + 1:02d}.png" for side in ("low", "high"))
        crops.append(Crop(f"eval{i}", photograph, *shapes[i], high, low))
    for i, photograph in _take(SCENES, train):
        ladder = tuple(f"SICE/{i + 1:02d}/{step + 1}.png" for step in range(len(LADDER)))
        crops.append(Crop(f"scene{i}", photograph, *square, ladder=ladder))
    for i, photograph in _take(UNPAIRED, train):
        low, normal = (f"unpaired/{side}/{i + 1:02d}.png" for side in ("low", "normal"))
        crops.append(Crop(f"unpaired_low{i}", photograph, *square, low=low))
        crops.append(Crop(f"unpaired_normal{i}", photograph, *square, normal))
    for i, photograph in _take(SR_TRAIN, train):
        crops.append(Crop(f"sr{i}", photograph, *square, f"SR/train/{i + 1:02d}.png"))
    for i, photograph in _take(SR_VAL, evaluation):
        crops.append(Crop(f"sr_val{i}", photograph, *square, f"SR/val/{i + 1:02d}.png"))
    return crops


def prepare_sample(out: Path, *, seed: int = 0, size: int = 192, overwrite: bool = False) -> tuple[str, bool]:
    """Make the sample set, all or nothing; leave it alone when it is there already.

    Args:
        out: Target folder.
        seed: The same seed and size give the same files, byte for byte.
        size: Side of the images in pixels, 48 to 256.
        overwrite: Make it again, whatever is in ``out``.

    Returns:
        A sentence that says what is there, and whether it was made now.

    Raises:
        UserError: If a photograph is missing, ``seed`` or ``size`` is out of range, or the
            target holds something else.
    """
    if not SIZE_RANGE[0] <= size <= SIZE_RANGE[1]:
        raise UserError(f"--size must be {SIZE_RANGE[0]} to {SIZE_RANGE[1]}, got {size}.")
    if seed < 0:
        raise UserError(f"--seed must be 0 or more, got {seed}.")
    crops = plan(size)
    count = sum(len(crop.files) for crop in crops)
    readme = _readme(seed, size)
    if not overwrite and _is_there(out, crops, readme):
        return f"the sample set of seed {seed} and size {size} is in {out} already", False
    check_target(out, overwrite)
    with assemble(out, overwrite) as staging:
        for crop in crops:
            for path, image in render(crop, seed):
                (staging / path).parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(image).save(staging / path)
        (staging / "README.txt").write_text(readme, encoding="utf-8")
    return f"{count} images of seed {seed} and size {size} are in {out}", True


def render(crop: Crop, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Make the images of one crop.

    Args:
        crop: What to make.
        seed: Of the whole set.

    Yields:
        Path and (height, width, 3) uint8 image.
    """
    rng = np.random.default_rng([seed, *crop.name.encode()])
    normal = _cut(_load(crop.photograph), crop.width, crop.height, rng)
    if crop.normal is not None:
        yield crop.normal, normal
    if crop.low is not None:
        yield crop.low, simulate_low_light(normal, _log_uniform(*EXPOSURE_RANGE, rng), rng)
    jitter = _log_uniform(1 / LADDER_JITTER, 1.0, rng)
    for path, exposure in zip(crop.ladder, LADDER, strict=False):
        yield path, simulate_low_light(normal, exposure * jitter, rng)


def _take(count: int, photographs: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for i in range(count):
        yield i, photographs[i % len(photographs)]


def _log_uniform(low: float, high: float, rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _cut(photograph: Image.Image, width: int, height: int, rng: np.random.Generator) -> np.ndarray:
    """Cut a window of random place and of 1 to as many times the size as fits; reduce it."""
    most = min(photograph.width / width, photograph.height / height)
    zoom = rng.uniform(1.0, max(1.0, most))
    w, h = round(width * zoom), round(height * zoom)
    x = int(rng.integers(photograph.width - w + 1))
    y = int(rng.integers(photograph.height - h + 1))
    window = photograph.crop((x, y, x + w, y + h))
    return np.asarray(window.resize((width, height), Image.Resampling.LANCZOS))


@cache
def _load(name: str) -> Image.Image:
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise UserError(
            "scikit-image is not installed, and the sample set is made from its photographs. "
            "Install the packages of requirements/lock.txt."
        )
    path = Path(spec.origin).parent / "data" / name
    if not path.is_file():
        raise UserError(
            f"{path} does not exist: this scikit-image lacks a photograph that the sample set is "
            "made from. Install the version named in requirements/lock.txt."
        )
    return Image.open(path).convert("RGB")


def _is_there(out: Path, crops: list[Crop], readme: str) -> bool:
    note = out / "README.txt"
    if not note.is_file() or note.read_text(encoding="utf-8") != readme:
        return False
    return all((out / path).is_file() for crop in crops for path in crop.files)


def _readme(seed: int, size: int) -> str:
    def sources(photographs: tuple[str, ...]) -> str:
        return "\n".join(f"  {name}: {LICENCES[name]}" for name in photographs)

    def numbers(values: tuple[float, ...]) -> str:
        return ", ".join(f"{value:.4g}" for value in values)

    return f"""Sample set of tools/dataset_converters/prepare_sample.py --seed {seed} --size {size}

The dark images are synthetic. Photographs, from the scikit-image wheel:
Training (LOL/our485, SICE, unpaired, SR/train)
{sources(TRAIN_PHOTOGRAPHS)}
Evaluation (LOL/eval15, SR/val)
{sources(EVAL_PHOTOGRAPHS)}

Darkening, in linear light x: y = clip(e x + sqrt(a e x + b) n), n ~ N(0, 1)
  exposure e, log-uniform: {numbers(EXPOSURE_RANGE)}
  exposures of a scene of SICE: {numbers(LADDER)};
    times one factor for the scene, log-uniform: {numbers((1 / LADDER_JITTER, 1.0))}
  shot noise a, log-uniform: {numbers(SHOT_NOISE_RANGE)}
  read noise b, log-normal: log b = {READ_NOISE_SLOPE} log a + {READ_NOISE_OFFSET}
    + N(0, {READ_NOISE_DEVIATION})
"""
