"""Make the training photographs of EnhanceNet from MSCOCO: ``data/SR/{train,val}``.

M. S. M. Sajjadi, B. Schölkopf, M. Hirsch, "EnhanceNet: single image super-resolution through automated
texture synthesis", ICCV 2017: of the photographs whose shorter side has at least 384 pixels, the largest
centre square is reduced to 256×256.

T.-Y. Lin et al., "Microsoft COCO: common objects in context", ECCV 2014.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from PIL import Image, ImageOps
from tqdm import tqdm

from mmlle.utils.errors import UserError

from .source import BrokenImageError, Source, decode
from .target import assemble, check_target

__all__ = ["centre_square", "prepare_coco"]

#: Photographs in the folders of COCO.
EXPECTED = {"train2014": 82_783, "val2014": 40_504, "train2017": 118_287, "val2017": 5_000}
MIN_SIDE = 384
SIZE = 256


def prepare_coco(
    sources: Sequence[Path], out: Path, *, allow_incomplete: bool = False, overwrite: bool = False
) -> str:
    """Make the squares of COCO's photographs, all or nothing.

    Args:
        sources: COCO's zip archives, or folders that hold ``train2017`` and ``val2017``, or those of 2014, at
            any depth or are these themselves.
        out: Target folder; it gets ``train/<name>.png`` and ``val/<name>.png``.
        allow_incomplete: Go on with what is there when photographs are missing or broken.
        overwrite: Replace what is in ``out``.

    Returns:
        The report: for each folder of COCO, how many photographs were found, expected and large enough, and
        which are broken.

    Raises:
        UserError: If there is nothing to read, training or validation photographs are missing altogether, a
            folder is incomplete and that is not allowed, or the target is taken.
    """
    for path in sources:
        check_target(out, overwrite, path)
    with ExitStack() as stack:
        opened = [stack.enter_context(Source(path)) for path in sources]
        found = _find(opened)
        made: Counter[str] = Counter()
        broken: dict[str, list[str]] = {folder: [] for folder in found}
        with assemble(out, overwrite) as staging:
            for folder, images in found.items():
                split = staging / folder.rstrip("0123456789")
                split.mkdir(exist_ok=True)
                for name, (source, image) in tqdm(images.items(), folder, disable=None):
                    try:
                        square = centre_square(decode(source.read(image)))
                    except BrokenImageError as error:
                        broken[folder].append(f"{image}: cannot be decoded ({error})")
                        continue
                    if square is not None:
                        square.save(split / f"{name}.png")
                        made[folder] += 1
            report = "\n".join(
                line
                for folder, images in found.items()
                for line in (
                    f"{folder}: {len(images)} photographs, {EXPECTED[folder]} expected; "
                    f"{made[folder]} of at least {MIN_SIDE} px in the shorter side taken",
                    *(f"  {name}" for name in broken[folder]),
                )
            )
            for kind in ("train", "val"):
                if not any(made[folder] for folder in found if folder.startswith(kind)):
                    raise UserError(
                        f"There are no {kind} photographs for {out / kind}.\n{report}\nGive the archives "
                        "or folders of both, such as train2017.zip and val2017.zip."
                    )
            whole = all(len(images) == EXPECTED[folder] for folder, images in found.items())
            if (not whole or any(broken.values())) and not allow_incomplete:
                raise UserError(
                    f"COCO is not as it should be.\n{report}\nDownload it again, or give --allow-incomplete "
                    "to go on with what is there."
                )
    return report


def centre_square(photograph: Image.Image) -> Image.Image | None:
    """Reduce the largest centre square of a photograph to 256×256 with LANCZOS.

    Args:
        photograph: Of any size and mode.

    Returns:
        An RGB image, or None if the shorter side has fewer than 384 pixels.
    """
    upright = ImageOps.exif_transpose(photograph).convert("RGB")
    side = min(upright.size)
    if side < MIN_SIDE:
        return None
    left, top = (upright.width - side) // 2, (upright.height - side) // 2
    square = upright.crop((left, top, left + side, top + side))
    return square.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def _find(sources: list[Source]) -> dict[str, dict[str, tuple[Source, PurePosixPath]]]:
    """Sort photographs by the folders of COCO, each by its name without its ending."""
    found: dict[str, dict[str, tuple[Source, PurePosixPath]]] = {}
    for source in sources:
        for image in source.images:
            folders = [source.path.resolve().name, *image.parts[:-1]]
            named = [folder for folder in folders if folder in EXPECTED]
            if not named or not re.fullmatch(r"(COCO_(train|val)2014_)?\d{12}", image.stem):
                continue
            first = found.setdefault(named[-1], {}).setdefault(image.stem, (source, image))
            if first != (source, image):
                raise UserError(
                    f"{named[-1]}/{image.name} is there twice: in {first[0].path} and in {source.path}. Give "
                    "each folder of COCO once."
                )
    if not found:
        raise UserError(
            f"There are no photographs of COCO in {', '.join(str(source.path) for source in sources)}: "
            "looked for train2017/<12 digits>.jpg and val2017/<12 digits>.jpg at any depth, or 2014's. "
            "Give COCO's archives or the folders they were unpacked to."
        )
    return {folder: found[folder] for folder in EXPECTED if folder in found}
