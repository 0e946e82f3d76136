"""Sort photographs by their brightness into ``data/unpaired/{low,normal}``.

EnlightenGAN is trained on low-light and well-lit photographs that do not belong together. Any set of
photographs of mixed exposure will do, such as the frames of SICE.
"""

from __future__ import annotations

import argparse
from pathlib import Path, PurePosixPath

import numpy as np
from converter_utils import (
    BrokenImageError,
    ConverterError,
    Source,
    assemble,
    check_target,
    decode,
    run,
)
from PIL import Image
from tqdm import tqdm

__all__ = ["main", "mean_luma", "prepare_unpaired"]

Range = tuple[float, float]


def mean_luma(image: Image.Image) -> float:
    """Mean of the luma (ITU-R BT.601) over an image, 0 to 255."""
    return float(np.asarray(image.convert("L")).mean())


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
        src: a zip archive or folder; the images keep their paths in it.
        out: target folder.
        low: least and largest mean luma of a low-light image, 0 to 255.
        normal: the same of a well-lit one.
        link: link to the images of a folder and do not copy them.
        overwrite: replace what is in ``out``.

    Returns:
        The report: how many images were taken for each folder, how many for none, and which are
        broken.

    Raises:
        ConverterError: if the ranges overlap, there is nothing to read, one of the folders would
            stay empty, or the target is taken.
    """
    if not low[0] <= low[1] < normal[0] <= normal[1]:
        raise ConverterError(
            f"--low {low[0]:g} {low[1]:g} must be below --normal {normal[0]:g} {normal[1]:g}, and each go up."
        )
    check_target(out, overwrite, src)
    with Source(src) as source:
        if link and source.is_archive:
            raise ConverterError(f"--link needs a folder, and {src} is an archive. Unpack it first.")
        counts = dict(low=0, normal=0, neither=0)
        broken: list[str] = []
        with assemble(out, overwrite) as staging:
            for image in tqdm(source.images, desc="images", disable=None):
                try:
                    content = source.read(image)
                    luma = mean_luma(decode(content))
                except BrokenImageError as error:
                    broken.append(f"{image}: cannot be decoded ({error})")
                    continue
                folder = _folder(luma, low, normal)
                counts[folder] += 1
                if folder != "neither":
                    _put(source, image, content, staging / folder, link)
            report = "\n".join(
                [
                    f"low: {counts['low']} images of luma {low[0]:g} to {low[1]:g}",
                    f"normal: {counts['normal']} images of luma {normal[0]:g} to {normal[1]:g}",
                    f"neither: {counts['neither']}, broken: {len(broken)}",
                    *broken,
                ]
            )
            if not counts["low"] or not counts["normal"]:
                raise ConverterError(
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


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("src", type=Path, help="photographs, a folder or a zip archive")
    parser.add_argument("--out", type=Path, default=Path("data/unpaired"), help="[data/unpaired]")
    ranges = dict(nargs=2, type=float, metavar=("FROM", "TO"))
    parser.add_argument("--low", default=(15, 60), help="mean luma of low-light images [15 60]", **ranges)
    parser.add_argument("--normal", default=(100, 160), help="of well-lit ones [100 160]", **ranges)
    parser.add_argument("--link", action="store_true", help="link to the files of a folder, do not copy them")
    parser.add_argument("--overwrite", action="store_true", help="replace what is in the target folder")
    args = parser.parse_args()
    report = prepare_unpaired(
        args.src,
        args.out,
        low=tuple(args.low),
        normal=tuple(args.normal),
        link=args.link,
        overwrite=args.overwrite,
    )
    print(f"{report}\nThe images are in {args.out}")


if __name__ == "__main__":
    run(main)
