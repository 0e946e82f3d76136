"""Sort LOL v1's low-light training images by scene into ``data/LOL_scenes/<scene>/<number>.png``.

PairLIE is trained on pairs of exposures of one scene, from SICE and LOL together. LOL shows many of its
scenes at several exposures under neighbouring numbers, and does not say which; they are recognised by the
well-lit image of each pair, see :mod:`.scene_recovery`.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from mmlle.utils.errors import UserError

from .pairs import PAIRED_SETS, find_pairs
from .scene_recovery import rank_signature, split_into_scenes
from .source import BrokenImageError, Source, decode, natural_key
from .target import assemble, check_target

__all__ = ["prepare_lol_scenes"]

# Well-lit images from one tripod differ by little more than noise; pairs of frames must show the same place.
SAME_PLACE = 0.9


def prepare_lol_scenes(src: Path, out: Path, *, link: bool = False, overwrite: bool = False) -> str:
    """Put the scenes of our485 with several exposures into a folder each, all or nothing.

    Args:
        src: ``data/LOL``, or the downloaded zip archive or folder of LOL v1. Its test images are left out.
        out: Target folder.
        link: Link to the images of a folder and do not copy them.
        overwrite: Replace what is in ``out``.

    Returns:
        The report: how many scenes and exposures were found, how many images are the only one of their
        scene, and which are broken.

    Raises:
        UserError: If there is nothing to read, no scene has two exposures, or the target is taken.
    """
    check_target(out, overwrite, src)
    with Source(src, link) as source:
        found = find_pairs(PAIRED_SETS["LOL"], [source])
        low, high = (
            {name: image for name, (_, image) in found["our485", side].items()} for side in ("low", "high")
        )
        images, signatures, broken = [], [], []
        for name in tqdm(sorted(low.keys() & high.keys(), key=natural_key), "comparing", disable=None):
            try:
                decode(source.read(low[name]))
                signatures.append(rank_signature(decode(source.read(high[name]))))
                images.append(low[name])
            except BrokenImageError as error:
                broken.append(f"{name}: cannot be decoded ({error})")
        scenes: defaultdict[int, list[PurePosixPath]] = defaultdict(list)
        for image, scene in zip(images, split_into_scenes(signatures, SAME_PLACE), strict=True):
            scenes[scene].append(image)
        several = [frames for frames in scenes.values() if len(frames) > 1]
        if not several:
            raise UserError(
                f"None of the {len(images)} pairs of {src} (our485/low and our485/high) shows the scene of "
                "its neighbour. Give the archive or the folder of LOL v1."
            )
        with assemble(out, overwrite) as staging:
            for number, frames in enumerate(several, 1):
                folder = staging / f"{number:03d}"
                folder.mkdir()
                for image in frames:
                    if link:
                        source.link(image, folder / image.name)
                    else:
                        (folder / image.name).write_bytes(source.read(image))
    exposures = sum(map(len, several))
    report = f"{len(several)} scenes with {exposures} exposures; {len(images) - exposures} images are alone"
    return "\n".join([report, *broken])
