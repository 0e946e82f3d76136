"""Sort photographs by their brightness into ``data/unpaired/{low,normal}``.

EnlightenGAN is trained on low-light and well-lit photographs that do not belong together. Any set of
photographs of mixed exposure are enough, such as the frames of SICE.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np
from tqdm import tqdm

from mmlle.media.color import mean_luma
from mmlle.utils.errors import UserError

from .source import BrokenImageError, Source, decode
from .target import assemble, check_target

__all__ = ["prepare_unpaired"]

Range = tuple[float, float]

#: Fewer images in a folder are named as few; EnlightenGAN's authors have about a thousand.
FEW = 50


def prepare_unpaired(
    src: Path,
    out: Path,
    *,
    low: Range = (15, 60),
    normal: Range = (100, 160),
    link: bool = False,
    overwrite: bool = False,
) -> str:
    """Put the dark and the well-lit images of a source into a folder each, all or nothing.

    Args:
        src: A zip archive or folder; the images keep their paths in it.
        out: Target folder.
        low: Least and largest mean luma of a low-light image, 0 to 255.
        normal: The same of a well-lit one.
        link: Link to the images of a folder and do not copy them.
        overwrite: Replace what is in ``out``.

    Returns:
        The report: how many images were taken for each folder, how many for none, and which are
        broken.

    Raises:
        UserError: If the ranges overlap, there is nothing to read, one of the folders would
            stay empty, or the target is taken.
    """
    if not low[0] <= low[1] < normal[0] <= normal[1]:
        raise UserError(
            f"--low {low[0]:g} {low[1]:g} must be below --normal {normal[0]:g} {normal[1]:g}, and each go up."
        )
    check_target(out, overwrite, src)
    with Source(src, link) as source:
        counts = dict(low=0, normal=0, neither=0)
        broken: list[str] = []
        with assemble(out, overwrite) as staging:
            for image in tqdm(source.images, desc="images", disable=None):
                try:
                    content = source.read(image)
                    rgb = np.asarray(decode(content).convert("RGB"))
                except BrokenImageError as error:
                    broken.append(f"{image}: cannot be decoded ({error})")
                    continue
                # Rounded, so that a grey of 15 has a luma of 15 and not of a little less.
                folder = _folder(round(mean_luma(rgb[..., ::-1]), 6), low, normal)
                counts[folder] += 1
                if folder != "neither":
                    _put(source, image, content, staging / folder, link)
            report = "\n".join(
                [
                    f"low: {counts['low']} images of luma {low[0]:g} to {low[1]:g}",
                    f"normal: {counts['normal']} images of luma {normal[0]:g} to {normal[1]:g}",
                    f"neither: {counts['neither']}, broken: {len(broken)}",
                    *broken,
                    *(
                        f"Only {counts[folder]} for {folder}, which is few for a training: add photographs "
                        f"or widen the range with --{folder}."
                        for folder in ("low", "normal")
                        if counts[folder] < FEW
                    ),
                ]
            )
            if not counts["low"] or not counts["normal"]:
                raise UserError(
                    f"{src} has not both dark and well-lit images.\n{report}\nGive a folder of photographs "
                    "of mixed exposure, or other ranges with --low and --normal."
                )
    return report


def _folder(luma: float, low: Range, normal: Range) -> str:
    if low[0] <= luma <= low[1]:
        return "low"
    return "normal" if normal[0] <= luma <= normal[1] else "neither"


def _put(source: Source, image: PurePosixPath, content: bytes, folder: Path, link: bool) -> None:
    (folder / image).parent.mkdir(parents=True, exist_ok=True)
    if link:
        source.link(image, folder / image)
    else:
        (folder / image).write_bytes(content)
