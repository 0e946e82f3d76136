"""The one folder that the page writes to."""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ["folder_size", "remove_old_files", "temporary_folder"]

_PREFIX = "mmlle-app-"
_LOCK = ".lock"


@contextmanager
def temporary_folder(minutes: float, interval: float = 60) -> Iterator[Path]:
    """Make the temporary folder of a page; all temporary files and caches of this process go there.

    It is removed at the end, and so are the folders that killed processes have left.

    Args:
        minutes: After how long without use a file is removed.
        interval: Seconds between two looks for such files.

    Yields:
        The folder, which only this user can enter.
    """
    before = tempfile.tempdir
    _remove_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX)).resolve()
    caches = folder / "caches"
    ended = threading.Event()

    def clean() -> None:
        while not ended.wait(interval):
            remove_old_files(folder, minutes)

    cleaner = threading.Thread(target=clean, name="cleaner", daemon=True)
    lock = FileLock(folder / _LOCK)
    lock.acquire()
    tempfile.tempdir = str(folder)
    cleaner.start()
    try:
        with _environment(
            GRADIO_TEMP_DIR=folder, TMPDIR=folder, XDG_CACHE_HOME=caches, MPLCONFIGDIR=caches / "matplotlib"
        ):
            yield folder
    finally:
        ended.set()
        cleaner.join()
        tempfile.tempdir = before
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _environment(**variables: Path) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update({name: str(value) for name, value in variables.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        # Of another user (PermissionError), or of a page that runs (Timeout).
        with suppress(OSError, Timeout), FileLock(folder / _LOCK, timeout=0):
            shutil.rmtree(folder, ignore_errors=True)


def remove_old_files(folder: Path, minutes: float) -> None:
    """Remove the files that were not used for a while, and the folders that are empty then."""
    oldest = time.time() - 60 * minutes
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(parent, name)
            with suppress(OSError):  # somebody else may have removed it
                if name != _LOCK and path.stat().st_mtime < oldest:
                    path.unlink()
        with suppress(OSError):  # it is not empty, or just got its first file
            if Path(parent) != folder and Path(parent).stat().st_mtime < oldest:
                Path(parent).rmdir()


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += Path(parent, name).stat().st_size
    return size
