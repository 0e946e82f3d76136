"""Make the photographs of the quality benchmark in ``data/quality``.

Two groups, ``selection`` for choosing what to train and ``final`` for the published table, with the same
kinds of photographs (see `mmlle.evaluation.quality`)::

    OUT/<group>/A/{low,high}   dark and noisy, with ground truth
    OUT/<group>/B/{low,high}   under-exposed, with ground truth
    OUT/<group>/C              ordinary, no ground truth
    OUT/<group>/D              well exposed

- Scenes of SICE whose number leaves 3 when divided by 8 are for the selection, 7 for the final table; the
  training recipes leave out both. Their frame of mean luma nearest to 120, within 110 to 150, is the well
  exposed one: D, and the ground truth of A and B. B's input is the frame of mean luma nearest to 40, within
  15 to 70.
- A of the selection: the well exposed frames, and every tenth photograph of BSDS500's train part, darkened to
  a mean luma of 5 to 25 with the noise of a sensor (`mmlle.datasets.low_light_synthesis`). A of the final
  group: LOL's test pairs.
- C of the selection: NPE, and DICM's even numbers; of the final group: DICM's odd numbers.

Photographs are reduced (LANCZOS) to at most ``--side`` pixels on their longer side, LOL's are kept as they
are. The same sources give the same files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from mmlle.datasets.low_light_synthesis import draw_noise_level, simulate_low_light
from mmlle.media.color import mean_luma
from mmlle.media.image_io import list_images, read_image, write_image
from mmlle.utils.errors import UserError

from .exposure_pairs import exposure_for
from .target import assemble, check_target

__all__ = ["prepare_quality_sets"]

#: Remainder of a scene's number divided by 8.
HELD_OUT = {"selection": 3, "final": 7}
WELL_EXPOSED, WELL_EXPOSED_RANGE = 120, (110, 150)
UNDER_EXPOSED, UNDER_EXPOSED_RANGE = 40, (15, 70)
DARK_LUMA = (5, 25)
BSDS_STEP = 10


def prepare_quality_sets(
    out: Path,
    *,
    sice: Path,
    bsds: Path,
    lol: Path,
    dicm: Path,
    npe: Path,
    exclude: list[str],
    side: int = 400,
    overwrite: bool = False,
) -> str:
    """Make both groups, all or nothing.

    Args:
        out: target folder.
        sice: folder of the scenes, a folder of frames each, named by numbers.
        bsds: folder of BSDS500's train part.
        lol: folder of LOL's test pairs, ``low`` and ``high``.
        dicm: folder of DICM, whose files are named by numbers.
        npe: folder of NPE.
        exclude: scenes of SICE whose frames do not fit onto each other.
        side: the longer side of a photograph at most, in pixels.
        overwrite: replace what is in ``out``.

    Returns:
        The report.

    Raises:
        UserError: if a source has no photographs, or the target is taken.
    """
    for source in (sice, bsds, lol / "low", lol / "high", dicm, npe):
        if not list_images(source):
            raise UserError(f"{source} does not exist or has no images.")
        check_target(out, overwrite, source)
    counts = {}
    with assemble(out, overwrite) as staging:
        for group, remainder in HELD_OUT.items():
            folder = staging / group
            well_exposed = _write_scenes(folder, _scenes(sice, remainder, exclude), side)
            if group == "selection":
                bsds_names = list_images(bsds)[::BSDS_STEP]
                sources = well_exposed | {
                    f"bsds_{Path(name).stem}": reduced(read_image(bsds / name), side) for name in bsds_names
                }
                _write_dark(folder / "A", sources)
                ordinary = {f"npe_{Path(n).stem}".replace(" ", "_"): npe / n for n in list_images(npe)}
            else:
                for kind in ("low", "high"):
                    for name in list_images(lol / kind):
                        write_image(
                            folder / "A" / kind / f"{Path(name).stem}.png", read_image(lol / kind / name)
                        )
                ordinary = {}
            parity = 0 if group == "selection" else 1
            ordinary |= {
                f"dicm_{Path(n).stem}": dicm / n for n in list_images(dicm) if _number(n) % 2 == parity
            }
            for name, path in ordinary.items():
                write_image(folder / "C" / f"{name}.png", reduced(read_image(path), side))
            counts[group] = {
                kind: len(list_images(folder / kind / ("low" if kind in "AB" else ""))) for kind in "ABCD"
            }
    report = "; ".join(
        f"{group}: " + ", ".join(f"{kind} {number}" for kind, number in numbers.items())
        for group, numbers in counts.items()
    )
    return f"{report} photographs in {out}"


def reduced(image: np.ndarray, side: int) -> np.ndarray:
    """Reduce (H, W, 3) uint8 so that its longer side is at most ``side`` pixels."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))


def _number(name: str) -> int:
    stem = Path(name).stem
    if not stem.isdecimal():
        raise UserError(f"{name} should be named by a number: odd and even ones are for different groups.")
    return int(stem)


def _scenes(sice: Path, remainder: int, exclude: list[str]) -> Iterator[tuple[str, list[np.ndarray]]]:
    for scene in sorted(path.name for path in sice.iterdir() if path.is_dir() and path.name not in exclude):
        if scene.isdecimal() and int(scene) % 8 == remainder:
            yield scene, [read_image(sice / scene / name) for name in list_images(sice / scene)]


def _write_scenes(
    folder: Path, scenes: Iterator[tuple[str, list[np.ndarray]]], side: int
) -> dict[str, np.ndarray]:
    """Write B and D; give the well exposed frames."""
    found = {}
    for scene, frames in scenes:
        truth = _nearest(frames, WELL_EXPOSED, WELL_EXPOSED_RANGE)
        if truth is None:
            continue
        name = f"sice_{scene}"
        found[name] = reduced(truth, side)
        write_image(folder / "D" / f"{name}.png", found[name])
        dark = _nearest(frames, UNDER_EXPOSED, UNDER_EXPOSED_RANGE)
        if dark is not None:
            write_image(folder / "B" / "low" / f"{name}.png", reduced(dark, side))
            write_image(folder / "B" / "high" / f"{name}.png", found[name])
    return found


def _nearest(frames: list[np.ndarray], luma: float, within: tuple[float, float]) -> np.ndarray | None:
    usable = [frame for frame in frames if within[0] <= mean_luma(frame) <= within[1]]
    return min(usable, key=lambda frame: abs(mean_luma(frame) - luma), default=None)


def _write_dark(folder: Path, sources: dict[str, np.ndarray]) -> None:
    for name, image in sources.items():
        rng = np.random.default_rng([0, *name.encode()])
        exposure = exposure_for(image, rng.uniform(*DARK_LUMA))
        write_image(
            folder / "low" / f"{name}.png", simulate_low_light(image, exposure, rng, draw_noise_level(rng))
        )
        write_image(folder / "high" / f"{name}.png", image)
