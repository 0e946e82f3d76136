"""Put ExDark into ``data/ExDark/{train,val,test}/<class>``, with a list of the classes beside each part.

Y. P. Loh, C. S. Chan, "Getting to know low-light images with the exclusively dark dataset", CVIU 178, 2019:
photographs taken in the dark, each with the class of an object, without ground truth of the light. The boxes
of the objects are not used here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tqdm import tqdm

from mmlle.utils.errors import UserError

from .source import BrokenImageError, Source
from .target import assemble, check_target

__all__ = ["prepare_exdark", "read_class_list"]

#: Photographs by class, in the order of the classes' numbers.
EXPECTED = {
    "Bicycle": 652,
    "Boat": 679,
    "Bottle": 547,
    "Bus": 527,
    "Car": 638,
    "Cat": 735,
    "Chair": 648,
    "Cup": 519,
    "Dog": 801,
    "Motorbike": 503,
    "People": 609,
    "Table": 505,
}
SPLITS = ("train", "val", "test")


class Entry(NamedTuple):
    """A line of ExDark's list.

    Attributes:
        name: Of the file.
        label: Name of the class.
        split: ``train``, ``val`` or ``test``.
    """

    name: str
    label: str
    split: str


def prepare_exdark(
    src: Path,
    class_list: Path,
    out: Path,
    *,
    link: bool = False,
    allow_incomplete: bool = False,
    overwrite: bool = False,
) -> str:
    """Check ExDark and split it as its authors do, all or nothing.

    Args:
        src: The downloaded zip archive, or a folder that holds a folder for each class at any depth.
        class_list: The authors' ``imageclasslist.txt``.
        out: Target folder; it gets ``<split>/<class>/<name>`` and ``<split>.txt``, lines of
            ``<class>/<name> <number>``, the classes numbered from 0, as the metric ``TopKRecognition`` reads
            them.
        link: Link to the images of a folder and do not copy them.
        allow_incomplete: Go on with what is there when photographs are missing or broken.
        overwrite: Replace what is in ``out``.

    Returns:
        The report: for each class how many photographs were found and expected, and which are missing or
        broken.

    Raises:
        UserError: If there is nothing to read, the list is none, the set is incomplete and that is not
            allowed, or the target is taken.
    """
    check_target(out, overwrite, src)
    entries = read_class_list(class_list)
    with Source(src, link) as source:
        found = _find(source)
        taken: Counter[str] = Counter()
        problems: defaultdict[str, list[str]] = defaultdict(list)
        labels: dict[str, list[str]] = {split: [] for split in SPLITS}
        with assemble(out, overwrite) as staging:
            for entry in tqdm(entries, "ExDark", disable=None):
                image = found.get((entry.label, PurePosixPath(entry.name).stem.lower()))
                if image is None:
                    problems[entry.label].append(f"  {entry.name}: missing")
                    continue
                try:
                    source.transfer(image, staging / entry.split / entry.label / image.name, link)
                except BrokenImageError as error:
                    problems[entry.label].append(f"  {entry.name}: cannot be decoded ({error})")
                    continue
                taken[entry.label] += 1
                number = list(EXPECTED).index(entry.label)
                labels[entry.split].append(f"{entry.label}/{image.name} {number}\n")
            for split, lines in labels.items():
                (staging / f"{split}.txt").write_text("".join(lines))
            report = "\n".join(
                line
                for label, count in EXPECTED.items()
                for line in (f"{label}: {taken[label]} photographs, {count} expected", *problems[label])
            )
            if any(taken[label] != count for label, count in EXPECTED.items()) and not allow_incomplete:
                raise UserError(
                    f"ExDark in {src} is not as it should be.\n{report}\nDownload it again, or give "
                    "--allow-incomplete to go on with what is there."
                )
            if not taken:
                raise UserError(f"ExDark in {src} has none of the photographs of {class_list}.\n{report}")
    return f"{report}\n" + ", ".join(f"{split}: {len(lines)}" for split, lines in labels.items())


def read_class_list(path: Path) -> list[Entry]:
    """Read the authors' list: a heading, then lines of a name and the numbers of class, light, place, part.

    Raises:
        UserError: If the file is missing or a line is something else.
    """
    if not path.is_file():
        raise UserError(
            f"{path} does not exist. Give imageclasslist.txt, from the folder Groundtruth of ExDark's "
            "repository."
        )
    entries = []
    for number, line in enumerate(path.read_text(errors="replace").splitlines()[1:], start=2):
        if not line.strip():
            continue
        name, *columns = line.split()
        classes = list(EXPECTED)
        if len(columns) != 4 or not all(column.isdecimal() for column in columns):
            raise UserError(f"Line {number} of {path} must be a name and four numbers, got {line!r}.")
        label, split = int(columns[0]), int(columns[3])
        if not 1 <= label <= len(classes) or not 1 <= split <= len(SPLITS):
            raise UserError(
                f"Line {number} of {path} names class {label} and part {split}; there are {len(classes)} "
                f"classes and {len(SPLITS)} parts."
            )
        entries.append(Entry(name, classes[label - 1], SPLITS[split - 1]))
    return entries


def _find(source: Source) -> dict[tuple[str, str], PurePosixPath]:
    """Find the photographs by class and lower-case name, since the endings of some are others in the list."""
    classes = {label.lower(): label for label in EXPECTED}
    found: dict[tuple[str, str], PurePosixPath] = {}
    for image in source.images:
        folder = classes.get(image.parts[-2].lower()) if len(image.parts) > 1 else None
        if folder is None:
            continue
        first = found.setdefault((folder, image.stem.lower()), image)
        if first != image:
            raise UserError(
                f"{source.path} holds {folder}/{image.stem} twice: {first} and {image}. Give the folder of "
                "one of them."
            )
    if not found:
        raise UserError(
            f"There are no photographs of ExDark in {source.path}: looked for Bicycle/<name>, Boat/<name> "
            "and so on at any depth. Give ExDark.zip or the folder it was unpacked to."
        )
    return found
