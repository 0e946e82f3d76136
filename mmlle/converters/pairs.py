"""Put a published set of pairs, low light and ground truth, into ``<part>/{low,high}``.

- LOL v1: C. Wei, W. Wang, W. Yang, J. Liu, "Deep Retinex decomposition for low-light enhancement", BMVC 2018.
- LOL v2: W. Yang, W. Wang, H. Huang, S. Wang, J. Liu, "Sparse gradient regularized deep Retinex network for
  robust low-light image enhancement", IEEE TIP 30, 2021.
- LSRW: J. Hai et al., "R2RNet: low-light image enhancement via real-low to real-normal network", JVCIR 90,
  2023.

They differ in the names of their folders alone: :data:`PAIRED_SETS`. Where the layouts are described:
``docs/data.md``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from mmlle.utils.errors import UserError

from .source import BrokenImageError, Source, decode, natural_key
from .target import assemble, check_target

__all__ = ["PAIRED_SETS", "PairedSet", "Part", "find_pairs", "prepare_pairs"]

SIDES = ("low", "high")


@dataclass(frozen=True)
class Part:
    """A part of a set, such as its test pairs.

    Attributes:
        folder: Where it goes, below the target.
        low: The last folders of a low-light image's path in the download, in lower case.
        high: The same of a ground truth.
        count: How many pairs there are.
        names: Names of its files, where they are few enough to say which are missing on both sides.
    """

    folder: str
    low: str
    high: str
    count: int
    names: tuple[str, ...] = ()

    def side(self, side: str) -> str:
        """Give the folders of ``low`` or ``high`` in the download."""
        return self.low if side == "low" else self.high


@dataclass(frozen=True)
class PairedSet:
    """A published set of pairs.

    Attributes:
        title: Its name in messages.
        download: What is downloaded, for messages.
        parts: Its parts.
    """

    title: str
    download: str
    parts: tuple[Part, ...]


def _lol_v2(kind: str, source: str, split: str, count: int) -> Part:
    return Part(f"{kind}/{split}", f"{source}/{split}/low", f"{source}/{split}/normal", count)


def _lsrw(camera: str, source: str, split: str, count: int) -> Part:
    return Part(f"{camera}/{split}", f"{source}/{camera}/low", f"{source}/{camera}/high", count)


#: The sets by the name of their folder in ``data``.
PAIRED_SETS = {
    "LOL": PairedSet(
        "LOL",
        "LOLdataset.zip",
        (
            Part("our485", "our485/low", "our485/high", 485),
            Part(
                "eval15",
                "eval15/low",
                "eval15/high",
                15,
                tuple(
                    f"{number}.png"
                    for number in (1, 22, 23, 55, 79, 111, 146, 179, 493, 547, 665, 669, 748, 778, 780)
                ),
            ),
        ),
    ),
    "LOL_v2": PairedSet(
        "LOL v2",
        "LOL-v2.zip",
        (
            _lol_v2("real", "real_captured", "train", 689),
            _lol_v2("real", "real_captured", "test", 100),
            _lol_v2("synthetic", "synthetic", "train", 900),
            _lol_v2("synthetic", "synthetic", "test", 100),
        ),
    ),
    "LSRW": PairedSet(
        "LSRW",
        "'Training data.zip' and Eval.zip",
        (
            _lsrw("huawei", "training data", "train", 2450),
            _lsrw("huawei", "eval", "test", 30),
            _lsrw("nikon", "training data", "train", 3150),
            _lsrw("nikon", "eval", "test", 20),
        ),
    ),
}

#: For each part and side, such as ``("our485", "low")``, where its images are, by their common name.
Found = dict[tuple[str, str], dict[str, tuple[Source, PurePosixPath]]]


def prepare_pairs(
    name: str,
    sources: Sequence[Path],
    out: Path,
    *,
    link: bool = False,
    allow_incomplete: bool = False,
    overwrite: bool = False,
) -> str:
    """Check a set of pairs and put it into ``out``, all or nothing.

    Args:
        name: One of :data:`PAIRED_SETS`.
        sources: The downloaded zip archives, or folders that hold the set's folders at any depth.
        out: Target folder.
        link: Link to the images of a folder and do not copy them.
        allow_incomplete: Go on with the complete pairs when some are missing or broken.
        overwrite: Replace what is in ``out``.

    Returns:
        The report: found and expected counts, and every missing or broken file by name.

    Raises:
        UserError: If there is nothing to read, the set is incomplete and that is not allowed, or the target
            is taken.
    """
    paired_set = PAIRED_SETS[name]
    for path in sources:
        check_target(out, overwrite, path)
    with ExitStack() as stack:
        opened = [stack.enter_context(Source(path, link)) for path in sources]
        found = find_pairs(paired_set, opened)
        given = ", ".join(map(str, sources))
        with assemble(out, overwrite) as staging:
            lines, complete = [], {}
            for part in paired_set.parts:
                sides = [found[part.folder, side] for side in SIDES]
                problems = []
                for image in tqdm(sorted(sides[0] | sides[1], key=natural_key), part.folder, disable=None):
                    places = [side.get(image) for side in sides]
                    problem = _transfer(image, places[0], places[1], staging / part.folder, link)
                    if problem:
                        problems.append(f"{image}: {problem}")
                complete[part.folder] = len(sides[0] | sides[1]) - len(problems)
                if len(sides[0] | sides[1]) < part.count:
                    absent = [image for image in part.names if not any(image in side for side in sides)]
                    problems += [f"{image}: missing in low and high" for image in absent]
                counts = ", ".join(f"{len(images)} {side}" for side, images in zip(SIDES, sides, strict=True))
                lines.append(
                    f"{part.folder}: {complete[part.folder]} complete pairs, {part.count} expected "
                    f"({counts} found)"
                )
                lines += [f"  {problem}" for problem in problems]
            report = "\n".join(lines)
            if any(complete[part.folder] != part.count for part in paired_set.parts):
                if not allow_incomplete:
                    raise UserError(
                        f"{paired_set.title} in {given} is not as it should be.\n{report}\nDownload it "
                        "again, or give --allow-incomplete to go on with the complete pairs."
                    )
                if not any(complete.values()):
                    raise UserError(f"{paired_set.title} in {given} has no complete pair.\n{report}")
                report += "\nincomplete: only the complete pairs were taken"
    return report


def find_pairs(paired_set: PairedSet, sources: Sequence[Source]) -> Found:
    """Find the images of a set at any depth.

    Args:
        paired_set: The set.
        sources: Where the images are. The name of an archive or folder counts as a folder of its images.

    Returns:
        For each part and side the images by their common name, which is that of the file without the
        ``low`` or ``normal`` that LOL v2 puts in front of numbers.

    Raises:
        UserError: If there are none, or one is there twice.
    """
    folders = {part.side(side): (part.folder, side) for part in paired_set.parts for side in SIDES}
    found: Found = {place: {} for place in folders.values()}
    for source in sources:
        for image in source.images:
            path = "/".join([source.path.resolve().stem, *image.parts[:-1]]).lower()
            place = next((folders[end] for end in folders if f"/{path}".endswith(f"/{end}")), None)
            if place is None:
                continue
            name = re.sub(r"^(low|normal)(?=\d)", "", image.name)
            earlier = found[place].setdefault(name, (source, image))
            if earlier != (source, image):
                raise UserError(
                    f"{'/'.join(place)}/{name} is there twice: {earlier[0].path}: {earlier[1]} and "
                    f"{source.path}: {image}. Give the folder of one of them."
                )
    if not any(found.values()):
        images = [image for source in sources for image in source.images]
        example = f", {images[0]} for one" if images else ""
        raise UserError(
            f"No images of {paired_set.title} in {', '.join(str(source.path) for source in sources)}: looked "
            f"for {', '.join(folders)} at any depth, found {len(images)} images elsewhere{example}. Give "
            f"{paired_set.download} or the folder it was unpacked to."
        )
    return found


def _transfer(
    name: str,
    low: tuple[Source, PurePosixPath] | None,
    high: tuple[Source, PurePosixPath] | None,
    folder: Path,
    link: bool,
) -> str:
    """Write one pair; give back what is wrong with it, and then write nothing."""
    if low is None or high is None:
        return f"missing in {'low' if low is None else 'high'}"
    sizes, contents = {}, {}
    for side, (source, image) in zip(SIDES, (low, high), strict=True):
        try:
            contents[side] = source.read(image)
            sizes[side] = "{}x{}".format(*decode(contents[side]).size)
        except BrokenImageError as error:
            return f"{side} cannot be decoded ({error})"
    if sizes["low"] != sizes["high"]:
        return f"sizes differ (low {sizes['low']}, high {sizes['high']})"
    for side, (source, image) in zip(SIDES, (low, high), strict=True):
        destination = folder / side / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        if link:
            source.link(image, destination)
        else:
            destination.write_bytes(contents[side])
    return ""
