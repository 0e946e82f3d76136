"""Make pairs of MIT-Adobe FiveK: ``data/FiveK/{train,test}/{low,high}/<number>.png``.

V. Bychkovsky, S. Paris, E. Chan, F. Durand, "Learning photographic global tonal adjustment with a database
of input / output image pairs", CVPR 2011: 5,000 raw photographs, and what five experts made of them. What is
downloaded are the raw files with a Lightroom catalogue, and the experts' results as TIFF files of 16 bits in
ProPhoto RGB; the inputs are exported from the raw files by whoever uses them. So there are two sources here,
a folder or archive of the exported inputs and one of the results of an expert (C as a rule).
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image
from tqdm import tqdm

from mmlle.media.image_file import UnreadableImageError
from mmlle.media.photograph_reading import read_photograph
from mmlle.utils.errors import UserError

from .source import BrokenImageError, Source
from .target import assemble, check_target

__all__ = ["prepare_fivek"]

COUNT = 5_000
#: The first ones are for training, as in most papers.
TRAIN = 4_500


def prepare_fivek(
    inputs: Path,
    expert: Path,
    out: Path,
    *,
    side: int = 512,
    allow_incomplete: bool = False,
    overwrite: bool = False,
) -> str:
    """Pair the photographs by their numbers and reduce them, all or nothing.

    Args:
        inputs: Folder or zip archive of the exported inputs, JPEG, PNG or TIFF, whose names begin with ``a``
            and four digits, such as ``a0001-jmac_DSC1459.tif``, at any depth.
        expert: The same of an expert's results.
        out: Target folder.
        side: The longer side of a photograph at most, in pixels.
        allow_incomplete: Go on with the complete pairs when some are missing or broken.
        overwrite: Replace what is in ``out``.

    Returns:
        The report: found and expected counts, and what is wrong with which number.

    Raises:
        UserError: If there is nothing to read, the set is incomplete and that is not allowed, or the target
            is taken.
    """
    for path in (inputs, expert):
        check_target(out, overwrite, path)
    with Source(inputs) as low_source, Source(expert) as high_source:
        low, high = _find(low_source), _find(high_source)
        problems, counts = [], dict(train=0, test=0)
        with assemble(out, overwrite) as staging:
            for number in tqdm(sorted(low | high), "FiveK", disable=None):
                split = "train" if number <= TRAIN else "test"
                try:
                    pair = {
                        kind: _read(source, images, number, kind, side)
                        for kind, source, images in (
                            ("low", low_source, low),
                            ("high", high_source, high),
                        )
                    }
                    if pair["low"].size != pair["high"].size:
                        raise BrokenImageError(
                            "sizes differ (reduced, low {}x{}, high {}x{})".format(
                                *pair["low"].size, *pair["high"].size
                            )
                        )
                except BrokenImageError as problem:
                    problems.append(f"  a{number:04d}: {problem}")
                    continue
                for kind, image in pair.items():
                    folder = staging / split / kind
                    folder.mkdir(parents=True, exist_ok=True)
                    image.save(folder / f"a{number:04d}.png")
                counts[split] += 1
            complete = sum(counts.values())
            report = "\n".join(
                [
                    f"{complete} complete pairs, {COUNT} expected ({len(low)} inputs, {len(high)} results "
                    "found): "
                    f"{counts['train']} for training, {counts['test']} for testing",
                    *problems,
                ]
            )
            if complete != COUNT and not allow_incomplete:
                raise UserError(
                    f"FiveK in {inputs} and {expert} is not as it should be.\n{report}\nExport and download "
                    "what is missing, or give --allow-incomplete to go on with the complete pairs."
                )
            if not complete:
                raise UserError(f"FiveK in {inputs} and {expert} has no complete pair.\n{report}")
    return report


def _find(source: Source) -> dict[int, PurePosixPath]:
    found: dict[int, PurePosixPath] = {}
    for image in source.images:
        match = re.match(r"a(\d{4})(?!\d)", image.name)
        if match is None or not 1 <= int(match[1]) <= COUNT:
            continue
        first = found.setdefault(int(match[1]), image)
        if first != image:
            raise UserError(
                f"{source.path} holds the photograph a{match[1]} twice: {first} and {image}. Give the folder "
                "of one of them."
            )
    if not found:
        raise UserError(
            f"There are no photographs of FiveK in {source.path}: looked for names that begin with a0001 to "
            f"a{COUNT}, found {len(source.images)} other images. Give the folder or archive of the exported "
            "inputs, and that of an expert's results."
        )
    return found


def _read(source: Source, images: dict[int, PurePosixPath], number: int, kind: str, side: int) -> Image.Image:
    """Read a photograph in sRGB, 8 bits, and reduce it with LANCZOS.

    Raises:
        BrokenImageError: If there is none of the number, or it cannot be decoded.
    """
    if number not in images:
        raise BrokenImageError(f"missing in {kind}")
    try:
        pixels = read_photograph(source.read(images[number])).pixels
    except UnreadableImageError as error:
        raise BrokenImageError(f"{kind} cannot be decoded ({error})") from error
    image = Image.fromarray(np.rint(pixels * 255).astype(np.uint8))
    scale = side / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(length * scale)) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)
