"""What reading and writing of films share: endings, errors, and PyAV, which the extra ``video`` installs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mmlle.utils.errors import UserError, one_line

if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "FILM_FORMATS",
    "FILM_SUFFIXES",
    "UnreadableFilmError",
    "UnwritableFilmError",
    "film_errors",
    "film_result_suffix",
    "import_av",
    "is_film",
]

#: FFmpeg's names of the containers that are written, by the ending.
FILM_FORMATS = {".m4v": "mp4", ".mkv": "matroska", ".mov": "mov", ".mp4": "mp4", ".webm": "webm"}

#: Endings of the file names that count as films, compared without regard to case.
FILM_SUFFIXES = tuple(
    sorted(
        (
            *FILM_FORMATS,
            *(".3gp", ".avi", ".flv", ".m2ts", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".vob", ".wmv"),
        )
    )
)


class UnreadableFilmError(UserError, ValueError):
    """A file that should be a film and cannot be decoded."""


class UnwritableFilmError(UserError, ValueError):
    """A film that cannot be written under a name."""


def is_film(path: str | Path) -> bool:
    """Tell by its ending whether a file counts as a film."""
    return str(path).lower().endswith(FILM_SUFFIXES)


def film_result_suffix(suffix: str) -> str:
    """Ending of the result of a film: its own if it can be, else that of Matroska, which holds anything."""
    return suffix if suffix.lower() in FILM_FORMATS else ".mkv"


def import_av() -> "ModuleType":
    """Import PyAV.

    Raises:
        UserError: If it is not installed.
    """
    try:
        import av
    except ModuleNotFoundError as error:
        raise UserError('Films need PyAV: pip install "av>=17.1,<19".') from error
    os.environ.setdefault("SVT_LOG", "1")  # errors alone; the AV1 encoder would print a page
    return av


@contextmanager
def film_errors(name: str | Path) -> Iterator[None]:
    """Turn what FFmpeg raises on a film that it cannot read into an :class:`UnreadableFilmError`."""
    av = import_av()
    try:
        yield
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        if isinstance(error, UserError):
            raise
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreadableFilmError(
            one_line(
                f"Cannot read the film {name}: {reason.rstrip('.')}. "
                "Get it again, or take it out of the folder."
            )
        ) from error
