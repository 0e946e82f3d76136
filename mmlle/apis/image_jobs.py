"""Which images and films are to be enhanced and where each result goes, known before anything is computed."""

import glob
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mmlle.media.film_file import FILM_FORMATS, FILM_SUFFIXES, film_result_suffix, is_film
from mmlle.media.image_file import IMAGE_SUFFIXES, list_images
from mmlle.media.photograph_writing import WRITABLE_SUFFIXES, result_suffix
from mmlle.utils.errors import UserError, one_line
from mmlle.utils.files import remove_unfinished

__all__ = [
    "Failure",
    "ImageJob",
    "ImageJobs",
    "check_folder",
    "check_suffix",
    "describe_os_error",
    "find_images",
    "plan_jobs",
]

_SUFFIXES = (*IMAGE_SUFFIXES, *FILM_SUFFIXES)

PathLike = str | os.PathLike[str]


class ImageJob(NamedTuple):
    """An image file, or a film, and the file of its result."""

    source: Path
    result: Path


class Failure(NamedTuple):
    """What could not be done, and why; the reason names the file."""

    path: Path
    reason: str


@dataclass
class ImageJobs:
    """What is to be done.

    Attributes:
        jobs: In the order of the inputs, those of a folder sorted.
        failures: Folders that cannot be read.
    """

    jobs: list[ImageJob]
    failures: list[Failure] = field(default_factory=list)

    @property
    def images(self) -> list[ImageJob]:
        """The jobs that are no films."""
        return [job for job in self.jobs if not is_film(job.source)]

    @property
    def films(self) -> list[ImageJob]:
        """The jobs that are films."""
        return [job for job in self.jobs if is_film(job.source)]


class _Found(NamedTuple):
    path: Path
    name: str  # of the result, below the output folder
    in_folder: bool  # found there; not named by the user


def plan_jobs(inputs: Sequence[PathLike], out: PathLike, suffix: str = "") -> ImageJobs:
    """Find the images and films of some inputs and decide where the result of each goes.

    Unfinished files there are removed.

    Args:
        inputs: Image files, films, folders, and patterns with ``*``, ``?``, ``[…]`` and ``**``. Results of a
            folder lie as their images do in it, those of a pattern as their images do below its part without
            wildcards. The output folder is left out where it lies in a folder that is given, and with a
            suffix so are the results of an earlier run.
        out: Folder for the results. For one image file or film, a name with an ending and no slash at its
            end is the file of the result.
        suffix: What is added to the name of each result, before the ending.

    Raises:
        UserError: If there is no such file or no image in a folder, if the results cannot be written there
            or be named so, or a result would replace an image or another result.
    """
    failures: list[Failure] = []
    if any(character in suffix for character in (os.sep, "/", "\0")):
        raise UserError(f"The suffix {suffix!r} is no part of a file's name: it has a slash or a zero byte.")
    for text in (str(item) for item in inputs):
        if not text:
            raise UserError("An input is empty: name an image file, a folder or a pattern.")
    found = [image for item in inputs for image in _find(item, out, failures)]
    is_file_name = Path(out).suffix.lower() in (*WRITABLE_SUFFIXES, *FILM_FORMATS) and not _is_folder(out)
    if is_file_name and len(found) > 1:
        raise UserError(f"{out} is one file for {len(found)} inputs: name {out}{os.sep} for a folder.")
    if _is_for_a_file(inputs, out):
        target = Path(out)
        if suffix:
            raise UserError(f"The suffix {suffix!r} is for results in a folder, and {out} is a file.")
        check_suffix(target, f", or {out}{os.sep} for a folder", film=is_film(os.fspath(inputs[0])))
        folder, names = target.parent, [target.name]
    else:
        folder, names = Path(out), [_with_suffix(image.name, suffix) for image in found]
    jobs = _without_conflicts(found, [folder / name for name in names])
    if not jobs:
        raise UserError("\n".join(f.reason for f in failures) or "All images are results of an earlier run.")
    check_folder(folder)
    for parent in {job.result.parent for job in jobs}:
        remove_unfinished(parent)
    return ImageJobs(jobs, failures)


def find_images(item: PathLike) -> list[Path]:
    """Find the images of one input, in order.

    Args:
        item: An image file, a folder or a pattern; see :func:`plan_jobs`.

    Raises:
        UserError: If there is no such file, no image in a folder, or a folder that cannot be read.
    """
    failures: list[Failure] = []
    found = _find(item, None, failures)
    if failures:
        raise UserError("\n".join(failure.reason for failure in failures))
    return [image.path for image in found]


def describe_os_error(path: PathLike, error: OSError) -> str:
    """Say what went wrong with a file, which is named."""
    return one_line(f"{path}: {error.strerror or error}")


def _find(item: PathLike, out: PathLike | None, failures: list[Failure]) -> list[_Found]:
    """Find the images of one input.

    Raises:
        UserError: If there are none, and no folder that cannot be read.
    """
    before = len(failures)
    if os.path.isdir(item):
        found = [_Found(Path(item, name), name, True) for name in _images_below(item, out, failures)]
    elif os.path.lexists(item):
        found = [_Found(Path(item), Path(item).name, False)]
    else:
        found = list(_matches(str(item), out, failures))
    if not found and len(failures) == before:
        raise UserError(f"There is no image at {item} (looked for from {Path.cwd()}).")
    return found


def _images_below(folder: PathLike, out: PathLike | None, failures: list[Failure]) -> list[str]:
    unreadable: list[str] = []
    names = list_images(os.fspath(folder), unreadable, _SUFFIXES)
    failures += [Failure(Path(folder), message) for message in unreadable]
    if out is None:
        return names
    real_folder, real_out = os.path.realpath(folder), os.path.realpath(out)
    if real_out == real_folder or os.path.commonpath([real_out, real_folder]) != real_folder:
        return names
    # Results of an earlier run are not enhanced again; a folder enhanced into itself is another matter.
    parents = {parent: os.path.realpath(Path(folder, parent)) for parent in map(os.path.dirname, names)}
    results = {parent for parent, real in parents.items() if os.path.commonpath([real, real_out]) == real_out}
    return [name for name in names if os.path.dirname(name) not in results]


def _matches(pattern: str, out: PathLike | None, failures: list[Failure]) -> Iterable[_Found]:
    fixed = Path(pattern)
    while glob.has_magic(str(fixed)):
        fixed = fixed.parent
    real_out = None if out is None else os.path.realpath(out)
    seen = set()
    for match in sorted(glob.glob(pattern, recursive=True)):
        if os.path.isdir(match):
            if os.path.realpath(match) == real_out:
                continue
            paths = [Path(match, name) for name in _images_below(match, out, failures)]
        else:
            paths = [Path(match)] if match.lower().endswith(_SUFFIXES) else []
        for path in paths:
            if path not in seen:  # "**" finds the folders and what is in them
                seen.add(path)
                yield _Found(path, os.path.relpath(path, fixed), True)


def _is_for_a_file(inputs: Sequence[PathLike], out: PathLike) -> bool:
    """Tell whether the output is the file of one image's result."""
    text = os.fspath(out)
    one_file = len(inputs) == 1 and not os.path.isdir(inputs[0]) and os.path.lexists(inputs[0])
    return one_file and bool(Path(text).suffix) and not _is_folder(text)


def _is_folder(out: PathLike) -> bool:
    """Tell whether the output is a folder, by what is there or by how it is written."""
    return os.fspath(out)[-1:] in ("/", "\\") or os.path.isdir(out)


def check_suffix(path: Path, advice: str = "", film: bool = False) -> None:
    """Make sure that the ending of a result is that of an image format, or of a film format.

    Raises:
        UserError: If it is not.
    """
    kind, writable = ("a film", FILM_FORMATS) if film else ("an image", WRITABLE_SUFFIXES)
    if path.suffix.lower() not in writable:
        raise UserError(
            f"Cannot write {path}: {path.suffix!r} is not {kind} format; use one of "
            f"{', '.join(writable)}{advice}."
        )


def _with_suffix(name: str, suffix: str) -> str:
    path = Path(name)
    if is_film(path):
        return str(path.with_name(f"{path.stem}{suffix}{film_result_suffix(path.suffix)}"))
    writable = path.suffix.lower() in WRITABLE_SUFFIXES
    ending = path.suffix if writable else result_suffix(path.suffix)
    return str(path.with_name(f"{path.stem}{suffix}{ending}"))


def _without_conflicts(found: list[_Found], results: list[Path]) -> list[ImageJob]:
    """Put images and results together.

    Raises:
        UserError: If a result would replace an image or another result.
    """
    sources = {os.path.realpath(image.path): image for image in found}
    real = [os.path.realpath(result) for result in results]
    of_earlier_run = {
        path
        for path, image in zip(real, found, strict=True)
        if path in sources and path != os.path.realpath(image.path) and sources[path].in_folder
    }
    jobs: list[ImageJob] = []
    taken: set[str] = set()
    for image, result, path in zip(found, results, real, strict=True):
        if os.path.realpath(image.path) in of_earlier_run:
            continue
        if path in taken or (path in sources and path not in of_earlier_run):
            raise UserError(
                f"Two images would be written to {result}, or one is there already to be enhanced. Choose "
                "another folder for the results, a suffix for their names, or enhance one folder at a time."
            )
        taken.add(path)
        jobs.append(ImageJob(image.path, result))
    return jobs


def check_folder(folder: Path) -> None:
    """Make sure that results can be written to a folder, which need not be there yet.

    Raises:
        UserError: If they cannot.
    """
    existing = folder
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir():
        raise UserError(f"The results cannot go to {folder}: {existing} is not a folder. Choose another one.")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise UserError(f"The results cannot go to {folder}: {existing} is read-only. Choose another one.")
