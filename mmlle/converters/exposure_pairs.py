"""Make pairs of a dark and a well exposed image from scenes of several exposures.

For validation where there is no ground truth: the frame of a scene whose mean luma is nearest to
115 (of 255) is the ground truth. The brightest of its dark frames, mean luma 45 at most, is made
as dark as the photographs of LOL, mean luma 10 to 25, with the noise of a sensor
(`mmlle.datasets.low_light_synthesis`). Scenes without two such frames are left out. The middle of
both is kept::

    OUT/low/<scene>.png
    OUT/high/<scene>.png

The same scenes give the same files.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from mmlle.datasets.low_light_synthesis import NoiseLevel, draw_noise_level, simulate_low_light
from mmlle.media.color import mean_luma
from mmlle.media.image_io import list_images, read_image
from mmlle.utils.errors import UserError

from .target import assemble, check_target

__all__ = ["exposure_for", "prepare_exposure_pairs"]

TRUTH_LUMA, TRUTH_TOLERANCE = 115, 25
DARK_LUMA = 45
LOW_LUMA = (10, 25)
SHOT_NOISE = (1e-4, 2e-3)
NO_NOISE = NoiseLevel(0.0, 0.0)


def prepare_exposure_pairs(
    src: Path, out: Path, scenes: list[str], side: int, overwrite: bool = False
) -> str:
    """Make the pairs, all or nothing.

    Args:
        src: Folder of the scenes, a folder of frames each.
        out: Target folder.
        scenes: Names of the scenes.
        side: Of the square that is kept, in pixels.
        overwrite: Replace what is in ``out``.

    Returns:
        The report.

    Raises:
        UserError: If there is no such folder, a frame cannot be read, no scene gives a pair, or the target
            is taken.
    """
    check_target(out, overwrite, src)
    if not src.is_dir():
        raise UserError(
            f"The folder of the scenes, {src}, does not exist (looked for from {Path.cwd()}). Make it with "
            "`python tools/dataset_converters/prepare_sice.py ARCHIVE_OR_FOLDER`, or give another one."
        )
    left_out = []
    with assemble(out, overwrite) as staging:
        for kind in ("low", "high"):
            (staging / kind).mkdir()
        for scene in tqdm(scenes, desc="scenes", disable=None):
            frames = [read_image(src / scene / name) for name in list_images(src / scene)]
            pair = _pair(frames, np.random.default_rng([0, *scene.encode()]))
            if pair is None:
                left_out.append(scene)
                continue
            for kind, image in zip(("low", "high"), pair, strict=True):
                Image.fromarray(_middle(image, side)[..., ::-1]).save(staging / kind / f"{scene}.png")
        if len(left_out) == len(scenes):
            raise UserError(
                f"None of the {len(scenes)} scenes in {src} has both a frame of mean luma {TRUTH_LUMA} ± "
                f"{TRUTH_TOLERANCE} and a darker one of at most {DARK_LUMA}."
            )
    report = f"{len(scenes) - len(left_out)} pairs in {out}"
    return report + (f"; without suitable frames: {', '.join(left_out)}" if left_out else "")


def exposure_for(image: np.ndarray, luma: float) -> float:
    """Find the factor on the light, at most 1, that gives an image a mean luma; by bisection."""
    low, high = 0.0, 1.0
    for _ in range(20):
        middle = (low + high) / 2
        darker = simulate_low_light(image, middle, np.random.default_rng(0), NO_NOISE)
        low, high = (middle, high) if mean_luma(darker) < luma else (low, middle)
    return high


def _pair(frames: list[np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray] | None:
    if not frames:
        return None
    lumas = [mean_luma(frame) for frame in frames]
    truth = int(np.argmin([abs(luma - TRUTH_LUMA) for luma in lumas]))
    dark = [index for index, luma in enumerate(lumas) if luma <= DARK_LUMA]
    if abs(lumas[truth] - TRUTH_LUMA) > TRUTH_TOLERANCE or not dark:
        return None
    source = frames[max(dark, key=lambda index: lumas[index])]
    exposure = exposure_for(source, rng.uniform(*LOW_LUMA))
    return simulate_low_light(source, exposure, rng, draw_noise_level(rng, SHOT_NOISE)), frames[truth]


def _middle(image: np.ndarray, side: int) -> np.ndarray:
    top, left = (max(length - side, 0) // 2 for length in image.shape[:2])
    return image[top : top + side, left : left + side]
