"""Put the LOL v1 data set into ``data/LOL/{our485,eval15}/{low,high}``.

C. Wei, W. Wang, W. Yang, J. Liu, "Deep Retinex decomposition for low-light enhancement", BMVC 2018.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from mmlle.utils.errors import UserError

from .source import BrokenImageError, Source, decode, natural_key
from .target import assemble, check_target

__all__ = ["find_pairs", "prepare_lol"]

EXPECTED_PAIRS = {"our485": 485, "eval15": 15}
SIDES = ("low", "high")
# Only the test set is small and fixed enough to name what is missing on both sides.
EVAL15_NAMES = [
    f"{number}.png" for number in (1, 22, 23, 55, 79, 111, 146, 179, 493, 547, 665, 669, 748, 778, 780)
]

Found = dict[tuple[str, str], dict[str, PurePosixPath]]


def prepare_lol(
    src: Path,
    out: Path,
    *,
    link: bool = False,
    allow_incomplete: bool = False,
    overwrite: bool = False,
) -> str:
    """Check LOL v1 and put its pairs into ``out``, all or nothing.

    Args:
        src: The downloaded zip archive, or a folder that holds our485 and eval15 at any depth.
        out: Target folder.
        link: Link to the images of a folder and do not copy them.
        allow_incomplete: Go on with the complete pairs when some are missing or broken.
        overwrite: Replace what is in ``out``.

    Returns:
        The report: found and expected counts, and every missing or broken file by name.

    Raises:
        UserError: If there is nothing to read, the set is incomplete and that is not allowed,
            or the target is taken.
    """
    check_target(out, overwrite, src)
    with Source(src, link) as source:
        found = find_pairs(source)
        problems: dict[str, list[str]] = {split: [] for split in EXPECTED_PAIRS}
        complete: Counter[str] = Counter()
        with assemble(out, overwrite) as staging:
            for split in EXPECTED_PAIRS:
                low, high = found[split, "low"], found[split, "high"]
                for name in tqdm(sorted(low | high, key=natural_key), desc=split, disable=None):
                    problem = _transfer(source, low.get(name), high.get(name), staging / split, link)
                    if problem:
                        problems[split].append(f"{name}: {problem}")
                    else:
                        complete[split] += 1
            tests = found["eval15", "low"] | found["eval15", "high"]
            if len(tests) < EXPECTED_PAIRS["eval15"]:
                absent = [name for name in EVAL15_NAMES if name not in tests]
                problems["eval15"] += [f"{name}: missing in low and high" for name in absent]
            report = _report(complete, found, problems)
            if any(complete[split] != count for split, count in EXPECTED_PAIRS.items()):
                if not allow_incomplete:
                    raise UserError(
                        f"LOL in {src} is not as it should be.\n{report}\nDownload it again, or "
                        "give --allow-incomplete to go on with the complete pairs."
                    )
                if not complete:
                    raise UserError(f"LOL in {src} has no complete pair.\n{report}")
                report += "\nincomplete: only the complete pairs were taken"
    return report


def find_pairs(source: Source) -> Found:
    """Find the images of LOL v1 at any depth.

    Args:
        source: Where the images are.

    Returns:
        For each split and side, such as ``("our485", "low")``, its images by name.

    Raises:
        UserError: If there are none, or one is there twice.
    """
    found: Found = {(split, side): {} for split in EXPECTED_PAIRS for side in SIDES}
    for image in source.images:
        folders = tuple(part.lower() for part in image.parts[-3:-1])
        if folders not in found:
            continue
        earlier = found[folders].setdefault(image.name, image)
        if earlier != image:
            raise UserError(
                f"{source.path} holds {'/'.join(folders)}/{image.name} twice: {earlier} and "
                f"{image}. Give the folder of one of them."
            )
    if not any(found.values()):
        example = f", {source.images[0]} for one" if source.images else ""
        raise UserError(
            f"No LOL images in {source.path}: looked for our485/low, our485/high, eval15/low and "
            f"eval15/high at any depth, found {len(source.images)} images elsewhere{example}. "
            "Give LOLdataset.zip or the folder it was unpacked to."
        )
    return found


def _transfer(
    source: Source,
    low: PurePosixPath | None,
    high: PurePosixPath | None,
    folder: Path,
    link: bool,
) -> str:
    """Write one pair; give back what is wrong with it, and then write nothing."""
    if low is None or high is None:
        return f"missing in {'low' if low is None else 'high'}"
    sizes, contents = {}, {}
    for side, image in zip(SIDES, (low, high), strict=True):
        try:
            contents[side] = source.read(image)
            sizes[side] = "{}x{}".format(*decode(contents[side]).size)
        except BrokenImageError as error:
            return f"{side} cannot be decoded ({error})"
    if sizes["low"] != sizes["high"]:
        return f"sizes differ (low {sizes['low']}, high {sizes['high']})"
    for side, image in zip(SIDES, (low, high), strict=True):
        destination = folder / side / image.name
        destination.parent.mkdir(parents=True, exist_ok=True)
        if link:
            source.link(image, destination)
        else:
            destination.write_bytes(contents[side])
    return ""


def _report(complete: Counter[str], found: Found, problems: dict[str, list[str]]) -> str:
    lines = []
    for split, expected in EXPECTED_PAIRS.items():
        counts = ", ".join(f"{len(found[split, side])} {side}" for side in SIDES)
        lines.append(f"{split}: {complete[split]} complete pairs, {expected} expected ({counts} found)")
        lines += [f"  {problem}" for problem in problems[split]]
    return "\n".join(lines)
