"""Put SICE Part 1 into ``data/SICE/<scene>/<exposure>.jpg``.

J. Cai, S. Gu, L. Zhang, "Learning a deep single image contrast enhancer from multi-exposure
images", IEEE TIP 27(4), 2018.

Three forms of it are about:

- as published: 360 folders ``<scene>/<exposure>.JPG`` and a folder ``Label`` (left out here);
- flat, the scene in the name: ``<scene>_<exposure>.JPG``;
- Zero-DCE's training images: 2,002 frames numbered through, without their scenes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, ImageOps
from tqdm import tqdm

from mmlle.utils.errors import UserError

from .scene_recovery import rank_signature, split_into_scenes
from .source import BrokenImageError, Source, decode, natural_key
from .target import assemble, check_target

__all__ = ["find_scenes", "prepare_sice"]

EXPECTED_SCENES = 360
EXPECTED_NUMBERED_FRAMES = 2002
FLAT_NAME = re.compile(r"(?P<scene>\d+)_(?P<exposure>\d+)_?")

Scenes = dict[str, dict[str, PurePosixPath]]


def prepare_sice(
    src: Path,
    out: Path,
    *,
    size: int | None = None,
    link: bool = False,
    recover_scenes: bool = False,
    allow_incomplete: bool = False,
    overwrite: bool = False,
) -> str:
    """Check SICE Part 1 and put its frames into one folder per scene, all or nothing.

    Args:
        src: A zip archive or folder in one of the three forms of the module's description.
        out: Target folder.
        size: Resize to ``size`` x ``size`` with Pillow's LANCZOS, as Zero-DCE does; None keeps the
            files as they are.
        link: Link to the images of a folder and do not copy them.
        recover_scenes: The frames are numbered through; tell the scenes by their content.
        allow_incomplete: Go on with what is there when something is missing or broken.
        overwrite: Replace what is in ``out``.

    Returns:
        The report: scenes and exposures found and expected, and by name what is missing or broken.

    Raises:
        UserError: If there is nothing to read, the set is incomplete and that is not allowed,
            or the target is taken.
    """
    check_target(out, overwrite, src)
    if link and size is not None:
        raise UserError("--link keeps the files as they are; leave out --link or --size.")
    if size is not None and size < 1:
        raise UserError(f"--size must be at least 1, got {size}.")
    with Source(src, link) as source:
        scenes = find_scenes(source, recover_scenes)
        broken: list[str] = []
        good: dict[str, int] = {}
        with assemble(out, overwrite) as staging:
            for scene, frames in tqdm(scenes.items(), desc="scenes", disable=None):
                (staging / scene).mkdir()
                good[scene] = 0
                for name, image in frames.items():
                    try:
                        _transfer(source, image, staging / scene / name, size, link)
                        good[scene] += 1
                    except BrokenImageError as error:
                        broken.append(f"{image}: cannot be decoded ({error})")
                if not good[scene]:
                    (staging / scene).rmdir()
            report, whole = _report(good, broken, numbered=recover_scenes)
            if not whole and not allow_incomplete:
                raise UserError(
                    f"SICE in {src} is not as it should be.\n{report}\nDownload it again, or give "
                    "--allow-incomplete to go on with what is there."
                )
            if not any(good.values()):
                raise UserError(f"No image of {src} can be decoded.\n{report}")
            if not whole:
                report += "\nincomplete: only the exposures that can be decoded were taken"
    return report


def find_scenes(source: Source, recover_scenes: bool = False) -> Scenes:
    """Sort the images of a source into scenes.

    Args:
        source: Where the images are.
        recover_scenes: Tell the scenes by the content of the frames, which are in the order of
            their names.

    Returns:
        For each scene its frames, by the file name they get; both in natural order.

    Raises:
        UserError: If there are no images, they do not tell their scenes, or two frames would
            get the same name.
    """
    images = [image for image in source.images if not _is_label(image)]
    if not images:
        raise UserError(
            f"No images in {source.path}: looked for <scene>/<exposure>.JPG at any depth, and "
            f"found {len(source.images)} images in all, labels included. Give the archive of "
            "SICE Part 1 or the folder it was unpacked to."
        )
    if recover_scenes:
        placed = _place_by_content(source, images)
    elif all(matches := [FLAT_NAME.fullmatch(image.stem) for image in images]):
        placed = [
            (match["scene"], match["exposure"], image)
            for match, image in zip(matches, images, strict=True)
            if match
        ]
    elif len({image.parent for image in images}) == 1:
        raise UserError(
            f"{source.path} holds {len(images)} images in one folder and their names, "
            f"{images[0].name} for one, do not tell the scenes: expected folders "
            "<scene>/<exposure>.JPG, or names <scene>_<exposure>.JPG. If these are Zero-DCE's "
            "training images, numbered through, give --recover-scenes."
        )
    else:
        placed = [(image.parent.name, image.stem, image) for image in images]
    return _collect(source, placed)


def _is_label(image: PurePosixPath) -> bool:
    return any(part.lower() == "label" for part in image.parts[:-1])


def _place_by_content(source: Source, images: list[PurePosixPath]) -> list[tuple[str, str, PurePosixPath]]:
    signatures: list[np.ndarray | None] = []
    for image in tqdm(images, desc="comparing", disable=None):
        try:
            signatures.append(rank_signature(decode(source.read(image))))
        except BrokenImageError:
            signatures.append(None)
    numbers = split_into_scenes(signatures)
    return [(f"{number:03d}", image.stem, image) for number, image in zip(numbers, images, strict=True)]


def _collect(source: Source, placed: list[tuple[str, str, PurePosixPath]]) -> Scenes:
    scenes: defaultdict[str, dict[str, PurePosixPath]] = defaultdict(dict)
    for scene, exposure, image in placed:
        if not scene:
            raise UserError(
                f"{source.path} holds {image} beside the folders of the scenes. Move it away, or "
                "give the folder that holds nothing but the scenes."
            )
        suffix = image.suffix.lower().replace(".jpeg", ".jpg")
        earlier = scenes[scene].setdefault(exposure + suffix, image)
        if earlier != image:
            raise UserError(
                f"{source.path} holds exposure {exposure} of scene {scene} twice: {earlier} and "
                f"{image}. Give the folder of SICE Part 1 alone."
            )
    return {scene: scenes[scene] for scene in sorted(scenes, key=natural_key)}


def _transfer(source: Source, image: PurePosixPath, destination: Path, size: int | None, link: bool) -> None:
    data = source.read(image)
    photograph = decode(data)
    if link:
        source.link(image, destination)
    elif size is None:
        destination.write_bytes(data)
    else:
        # The orientation note of the camera is not written again, so it is applied.
        upright = ImageOps.exif_transpose(photograph).convert("RGB")
        resized = upright.resize((size, size), Image.Resampling.LANCZOS)
        resized.save(destination, quality=95, subsampling=0)


def _report(good: dict[str, int], broken: list[str], numbered: bool) -> tuple[str, bool]:
    """Say what was found; the flag tells whether the set is whole."""
    frames = sum(good.values())
    kept = [scene for scene, count in good.items() if count]
    single = [scene for scene in kept if good[scene] == 1]
    if numbered:
        complete = frames == EXPECTED_NUMBERED_FRAMES
        expected = f"{EXPECTED_NUMBERED_FRAMES} exposures expected"
    else:
        complete = len(kept) == EXPECTED_SCENES
        expected = f"{EXPECTED_SCENES} scenes expected"
    lines = [f"{len(kept)} scenes with {frames} exposures, {expected}"]
    lines += [f"  {name}" for name in broken]
    if not numbered:
        present = {int(scene) for scene in kept if scene.isdecimal()}
        absent = [str(n) for n in range(1, EXPECTED_SCENES + 1) if n not in present]
        if absent and not complete:
            lines.append(f"  missing scenes: {', '.join(absent)}")
    if single:
        lines.append(f"  scenes with a single exposure: {', '.join(single)}")
    # Recovered scenes may well be single: a frame too dark or too bright resembles no other.
    return "\n".join(lines), complete and not broken and (numbered or not single)
