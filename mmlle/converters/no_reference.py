"""Put the small sets of low-light photographs without ground truth into ``data/{DICM,LIME,MEF,NPE,VV}``.

- DICM: C. Lee, C. Lee, C.-S. Kim, "Contrast enhancement based on layered difference representation", ICIP
  2012.
- LIME: X. Guo, Y. Li, H. Ling, "LIME: low-light image enhancement via illumination map estimation", TIP 2017.
- MEF: K. Ma, K. Zeng, Z. Wang, "Perceptual quality assessment for multi-exposure image fusion", TIP 2015.
- NPE: S. Wang, J. Zheng, H.-M. Hu, B. Li, "Naturalness preserved enhancement algorithm for non-uniform
  illumination images", TIP 2013.
- VV: V. Vonikakis, "Busting image enhancement and tone-mapping algorithms", a collection.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from tqdm import tqdm

from mmlle.utils.errors import UserError

from .source import BrokenImageError, Source, natural_key
from .target import assemble, check_target

__all__ = ["prepare_no_reference"]

#: How many photographs the collections that go round have; see ``docs/data.md``.
EXPECTED = {"DICM": (69, 64, 44), "LIME": (10,), "MEF": (17, 79), "NPE": (8, 84, 85), "VV": (24,)}


def prepare_no_reference(
    sources: Sequence[Path],
    out: Path,
    *,
    link: bool = False,
    allow_incomplete: bool = False,
    overwrite: bool = False,
) -> str:
    """Put those of the sets that are there into a folder each, all or nothing.

    Args:
        sources: The downloaded zip archives, or folders that hold ``DICM``, ``LIME``, ``MEF``, ``NPE`` or
            ``VV``, in upper or lower case, at any depth or are these themselves.
        out: Folder for the folders of the sets; what else is in it stays.
        link: Link to the images of a folder and do not copy them.
        allow_incomplete: Take a set whose number of photographs is that of no known collection, or which has
            broken ones.
        overwrite: Replace the folders of the sets that are found.

    Returns:
        The report: how many photographs of each set were taken, and which are broken.

    Raises:
        UserError: If there is none of the sets, one is incomplete and that is not allowed, or a target is
            taken.
    """
    with ExitStack() as stack:
        opened = [stack.enter_context(Source(path, link)) for path in sources]
        found = _find(opened)
        for name in found:
            for path in sources:
                check_target(out / name, overwrite, path)
        lines, wrong = [], False
        for name, images in found.items():
            staging = stack.enter_context(assemble(out / name, overwrite))
            broken = []
            for image in tqdm(sorted(images, key=natural_key), name, disable=None):
                source, member = images[image]
                try:
                    source.transfer(member, staging / image, link)
                except BrokenImageError as error:
                    broken.append(f"  {image}: cannot be decoded ({error})")
            taken, known = len(images) - len(broken), EXPECTED[name]
            lines.append(
                f"{name}: {taken} photographs; the collections known have {' or '.join(map(str, known))}"
            )
            lines += broken
            wrong |= bool(broken) or taken not in known
        report = "\n".join(lines)
        if wrong and not allow_incomplete:
            raise UserError(
                f"The sets in {_names(opened)} are not as they should be.\n{report}\nDownload them again, or "
                "give --allow-incomplete to go on with what is there."
            )
    return report


def _find(sources: list[Source]) -> dict[str, dict[str, tuple[Source, PurePosixPath]]]:
    """Sort the images by set, each by its name."""
    found: dict[str, dict[str, tuple[Source, PurePosixPath]]] = {}
    for source in sources:
        for image in source.images:
            folders = [source.path.resolve().stem, *image.parts[:-1]]
            name = next((folder.upper() for folder in reversed(folders) if folder.upper() in EXPECTED), None)
            if name is None:
                continue
            first = found.setdefault(name, {}).setdefault(image.name, (source, image))
            if first != (source, image):
                raise UserError(
                    f"{name}/{image.name} is there twice: {first[0].path}: {first[1]} and {source.path}: "
                    f"{image}. Give the folder of one of them."
                )
    if not found:
        raise UserError(
            f"There are no photographs of {', '.join(EXPECTED)} in {_names(sources)}: looked for folders of "
            "these names at any depth. Give the archive or folder that holds them."
        )
    return {name: found[name] for name in EXPECTED if name in found}


def _names(sources: list[Source]) -> str:
    return ", ".join(str(source.path) for source in sources)
