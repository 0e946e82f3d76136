"""How much an enhancement makes films flicker, with its strengths smoothed over time and without.

The films are made: a camera pans slowly over each photograph of a folder, its exposure jitters, and every
picture has noise of its own and 8 bits. Printed are levels of 255 a picture, see
:func:`mmlle.evaluation.functional.flicker.flicker`.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from mmlle.apis.inferencer import LowLightInferencer
from mmlle.cli.errors import run
from mmlle.evaluation.functional import Flicker, block_lumas, flicker
from mmlle.look import FilmLook, Look
from mmlle.media.image_io import list_images, read_image
from mmlle.utils.errors import UserError

__all__ = ["main", "pan_over"]

RATE = 25


def pan_over(
    photograph: np.ndarray,
    num_frames: int,
    size: tuple[int, int] = (180, 320),
    speed: float = 0.25,
    jitter: float = 0.02,
    noise: float = 2.0,
    seed: int = 0,
) -> Iterator[np.ndarray]:
    """Make a film: a pan over a photograph from left to right.

    Args:
        photograph: (H, W, 3) uint8, BGR.
        num_frames: Number of pictures.
        size: Their height and width.
        speed: Pixels a picture.
        jitter: Standard deviation of the exposure, as a share.
        noise: Standard deviation of a pixel, in levels of 255.
        seed: Of jitter and noise.

    Yields:
        (h, w, 3) uint8, BGR.
    """
    height, width = size
    scale = max(height / photograph.shape[0], (width + num_frames * speed + 1) / photograph.shape[1])
    sides = np.ceil(np.array(photograph.shape[1::-1]) * scale).astype(int)
    wide = cv2.resize(photograph, sides.tolist(), interpolation=cv2.INTER_AREA).astype(np.float32)
    top = (wide.shape[0] - height) / 2
    rng = np.random.default_rng(seed)
    for index in range(num_frames):
        centre = (index * speed + (width - 1) / 2, top + (height - 1) / 2)
        picture = cv2.getRectSubPix(wide, (width, height), centre) * (1 + jitter * rng.standard_normal())
        picture += noise * rng.standard_normal(picture.shape, np.float32)
        yield np.rint(picture.clip(0, 255)).astype(np.uint8)


def measure(pictures: list[np.ndarray], look: FilmLook) -> Flicker | None:
    """Measure the flicker of a film when it is enhanced."""
    lumas = []
    for index, picture in enumerate(pictures):
        enhanced = look(picture[..., ::-1].astype(np.float32) / 255, index / RATE)
        rounded = np.rint(255 * enhanced[..., ::-1]).astype(np.uint8)
        lumas.append((block_lumas(picture), block_lumas(rounded)))
    before, after = (np.array(each) for each in zip(*lumas, strict=True))
    return flicker(before, after)


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photographs", type=Path, help="folder of dark photographs")
    parser.add_argument("--model", default="sgz", help="short name of a model, or a config file [sgz]")
    parser.add_argument("--weights", help="checkpoint [the one that is shipped]")
    parser.add_argument("--scale", type=float, default=1, help="see mmlle enhance [1]")
    parser.add_argument("--max-films", type=int, default=8, help="how many photographs to pan over [8]")
    parser.add_argument("--frames", type=int, default=75, help="pictures of each film [75]")
    args = parser.parse_args(argv)
    names = list_images(args.photographs)[: args.max_films]
    if not names:
        raise UserError(f"There is no image at {args.photographs} (looked for from {Path.cwd()}).")
    enhancer = LowLightInferencer(args.model, args.weights, scale=args.scale)
    trained = Look(exposure="as-trained", denoise="off")
    ways = {
        "as trained": (trained, dict()),
        "chosen for each picture": (Look(), dict(smoothing=0, interval=0)),
        "chosen 5 times a second": (Look(), dict(smoothing=0)),
        "and smoothed, the default": (Look(), dict()),
    }
    found: dict[str, list[Flicker]] = {way: [] for way in ways}
    for name in tqdm(names, unit="film"):
        pictures = list(pan_over(read_image(args.photographs / name), args.frames))
        for way, (look, settings) in ways.items():
            result = measure(pictures, FilmLook(look, enhancer.enhance_batch, **settings))
            if result is not None:
                found[way].append(result)
    print("| strengths | excess | of the worst film | change of the output | of the input, times the gain |")
    print("| --- | --- | --- | --- | --- |")
    for way, results in found.items():
        values = np.array(results)
        worst = values[:, 0].max()
        excess, output, expected, _ = values.mean(axis=0)
        print(f"| {way} | {excess:.3f} | {worst:.3f} | {output:.2f} | {expected:.2f} |")
    still = np.mean([result.still for results in found.values() for result in results])
    print(f"\n{len(names)} films; {100 * still:.0f} % of the blocks did not move.")


if __name__ == "__main__":
    run(main)
