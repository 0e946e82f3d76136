"""Time how samples of two exposures are loaded, with and without the cache of decoded images.

``python tools/analysis_tools/benchmark_loading.py configs/pairlie/pairlie_sice.py``. Scenes of made-up JPEG
photographs are written to a temporary folder; the config's training data set reads them, decoding both
photographs for each sample, and from its cache. The samples are compared as well.
"""

import argparse
import copy
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from mmengine.registry import DefaultScope

from mmlle.cli.command import add_config_arguments, read_config, run
from mmlle.datasets import SeededDataset, SeededIndex
from mmlle.media.image_io import write_image
from mmlle.registry import DATASETS


def write_scenes(folder: Path, scenes: int, frames: int, height: int, width: int) -> None:
    """Write scenes of blobs and noise, which take as long to decode as photographs."""
    rng = np.random.default_rng(0)
    for scene in range(scenes):
        coarse = rng.uniform(20, 80, (height // 64 + 2, width // 64 + 2, 3)).astype(np.float32)
        smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        for frame in range(frames):
            noise = rng.standard_normal((height, width, 1), np.float32)
            image = (smooth * (1 + frame / frames) + 4 * noise).clip(0, 255).astype(np.uint8)
            write_image(folder / str(scene) / f"{frame}.jpg", image)


def draw(dataset: SeededDataset, number: int) -> dict:
    """Load the sample that one of many passes over the data comes to, the same whenever it is asked for."""
    return dataset[SeededIndex(number % len(dataset), number)]


def seconds_per_sample(dataset: SeededDataset, samples: int) -> float:
    """Time ``samples`` different samples, after one that does not count."""
    draw(dataset, 0)
    start = time.perf_counter()
    for number in range(1, samples + 1):
        draw(dataset, number)
    return (time.perf_counter() - start) / samples


def benchmark(args: argparse.Namespace) -> None:
    """Measure as the command line says."""
    config = read_config(args)
    height, width = args.size
    with tempfile.TemporaryDirectory() as folder, DefaultScope.overwrite_default_scope("mmlle"):
        folder = Path(folder)
        write_scenes(folder / "scenes", args.scenes, args.frames, height, width)
        settings = {**copy.deepcopy(config.train_dataloader.dataset), "data_root": str(folder / "scenes")}
        settings["luma_range"] = None
        print(f"{args.scenes} scenes of {args.frames} frames, {height}x{width} (height x width)", flush=True)

        decoding = DATASETS.build({**settings, "cache_dir": None})
        start = time.perf_counter()
        cached = DATASETS.build({**settings, "cache_dir": str(folder / "cache")})
        built = time.perf_counter() - start
        size = sum(path.stat().st_size for path in (folder / "cache").iterdir())
        print(f"building the cache: {built:.1f} s, {size / 1e6:.0f} MB")

        for index in range(args.samples):
            ours, theirs = (draw(dataset, index)["inputs"] for dataset in (cached, decoding))
            if any(not ours[name].equal(theirs[name]) for name in theirs):
                raise AssertionError(f"sample {index} is another one with the cache")
        slow, fast = (seconds_per_sample(dataset, args.samples) for dataset in (decoding, cached))
    print(f"decoding: {1e3 * slow:.2f} ms a sample\ncached: {1e3 * fast:.2f} ms a sample")
    print(f"ratio {fast / slow:.5f}; {args.samples} samples of each, which are equal")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_config_arguments(parser)
    parser.add_argument("--size", nargs=2, type=int, default=[3648, 5472], metavar=("H", "W"))
    parser.add_argument("--scenes", type=int, default=2)
    parser.add_argument("--frames", type=int, default=3)
    parser.add_argument("--samples", type=int, default=10)
    args = parser.parse_args()
    run(lambda: benchmark(args))


if __name__ == "__main__":
    main()
