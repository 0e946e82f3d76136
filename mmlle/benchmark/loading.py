"""How long samples of several exposures take to load, with and without the cache of decoded images."""

import copy
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.registry import DefaultScope

from mmlle.datasets import SeededDataset, SeededIndex
from mmlle.media.image_io import write_image
from mmlle.registry import DATASETS

__all__ = ["LoadingTimes", "measure_loading", "write_scenes"]


@dataclass(frozen=True)
class LoadingTimes:
    """What loading costs.

    Attributes:
        build: Seconds to build the cache.
        cache_size: Size of the cache in bytes.
        decoding: Seconds for a sample that is decoded.
        cached: Seconds for a sample from the cache.
    """

    build: float
    cache_size: int
    decoding: float
    cached: float


def write_scenes(folder: Path, scenes: int, frames: int, height: int, width: int) -> None:
    """Write JPEG files of blobs and noise, which take as long to decode as photographs.

    Args:
        folder: Where to, a folder for each scene.
        scenes: How many scenes.
        frames: How many exposures each has.
        height: Of the images.
        width: Of the images.
    """
    rng = np.random.default_rng(0)
    for scene in range(scenes):
        coarse = rng.uniform(20, 80, (height // 64 + 2, width // 64 + 2, 3)).astype(np.float32)
        smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        for frame in range(frames):
            noise = rng.standard_normal((height, width, 1), np.float32)
            image = (smooth * (1 + frame / frames) + 4 * noise).clip(0, 255).astype(np.uint8)
            write_image(folder / str(scene) / f"{frame}.jpg", image)


def measure_loading(
    config: Config, scenes: int, frames: int, height: int, width: int, samples: int
) -> LoadingTimes:
    """Time samples of the config's training data set on generated scenes.

    Args:
        config: The config.
        scenes: How many scenes.
        frames: How many exposures each has.
        height: Of the images.
        width: Of the images.
        samples: How many samples are timed, after one that is not.

    Raises:
        RuntimeError: If a sample differs with the cache.
    """
    with tempfile.TemporaryDirectory() as temporary, DefaultScope.overwrite_default_scope("mmlle"):
        folder = Path(temporary)
        write_scenes(folder / "scenes", scenes, frames, height, width)
        settings = {**copy.deepcopy(config.train_dataloader.dataset), "data_root": str(folder / "scenes")}
        settings["luma_range"] = None

        decoding = DATASETS.build({**settings, "cache_dir": None})
        start = time.perf_counter()
        cached = DATASETS.build({**settings, "cache_dir": str(folder / "cache")})
        build = time.perf_counter() - start
        cache_size = sum(path.stat().st_size for path in (folder / "cache").iterdir())

        for index in range(samples):
            ours, theirs = (_draw(dataset, index)["inputs"] for dataset in (cached, decoding))
            if any(not ours[name].equal(theirs[name]) for name in theirs):
                raise RuntimeError(f"Sample {index} is another one with the cache.")
        return LoadingTimes(
            build, cache_size, _seconds_per_sample(decoding, samples), _seconds_per_sample(cached, samples)
        )


def _draw(dataset: SeededDataset, number: int) -> dict:
    """Load a sample of one of many passes over the data; the same sample for the same number."""
    return dataset[SeededIndex(number % len(dataset), number)]


def _seconds_per_sample(dataset: SeededDataset, samples: int) -> float:
    """Time ``samples`` different samples, after one that does not count."""
    _draw(dataset, 0)
    start = time.perf_counter()
    for number in range(1, samples + 1):
        _draw(dataset, number)
    return (time.perf_counter() - start) / samples
