import errno
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .errors import UserError

if sys.platform != "win32":
    import fcntl

__all__ = [
    "UnfinishedFile",
    "check_writable",
    "remove_unfinished",
    "unfinished_file",
    "walk_files",
    "write_bytes",
]

#: Names of files that are being written; a process that is killed leaves them behind.
_PREFIX, _SUFFIX = ".writing-", ".tmp"


class UnfinishedFile:
    """A file that is being written and has no name yet, see :func:`unfinished_file`.

    Attributes:
        stream: Where to write.
    """

    def __init__(self, folder: Path) -> None:
        # Opened by this, and not by tempfile, it has the permissions that the umask leaves to any new file.
        self._temporary = folder / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
        self.stream = open(self._temporary, "x+b")  # noqa: SIM115
        _lock(self.stream)

    def finish(self, path: Path, sync: bool = False, replace: bool = True) -> None:
        """Give the file its name, in the same folder.

        Args:
            path: Where it is then.
            sync: Whether to wait until it is on the disk, so that it outlasts a power failure too.
            replace: Whether a file that is there is replaced.

        Raises:
            FileExistsError: If a file is there and must not be replaced.
        """
        self.stream.flush()
        if sync:
            os.fsync(self.stream.fileno())
        if sys.platform == "win32":
            self.stream.close()  # an open file cannot be renamed there
        if replace:
            os.replace(self._temporary, path)
        else:
            _rename_to_new(self._temporary, path)

    def discard(self) -> None:
        """Close the file, and remove it if it was not finished."""
        with suppress(OSError):  # what could not be written is not missed
            self.stream.close()
        self._temporary.unlink(missing_ok=True)


@contextmanager
def unfinished_file(folder: str | Path) -> Iterator[UnfinishedFile]:
    """Begin a file that appears as a whole, when it is finished, or not at all.

    Args:
        folder: In which it will be; made if it is missing.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    new = UnfinishedFile(Path(folder))
    try:
        yield new
    finally:
        new.discard()


def write_bytes(
    path: str | Path, content: bytes | memoryview, sync: bool = False, replace: bool = True
) -> None:
    """Write a file as a whole or not at all; missing folders are made.

    Args:
        path: Where to.
        content: What.
        sync: Whether to wait until it is on the disk, so that it outlasts a power failure too.
        replace: Whether a file that is there is replaced.

    Raises:
        FileExistsError: If the file is there and must not be replaced.
    """
    path = Path(path)
    with unfinished_file(path.parent) as new:
        new.stream.write(content)
        new.finish(path, sync, replace)
    if sync:
        _sync_folder(path.parent)


def check_writable(path: str | Path, folder: bool = False) -> None:
    """Find out whether a file can be written, before the work whose result it is.

    Args:
        path: The file, which stays as it is.
        folder: Whether it is a folder for files; it is made.

    Raises:
        UserError: If it cannot.
    """
    path = Path(path)
    try:
        if not folder and path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        parent = path if folder else path.absolute().parent
        parent.mkdir(parents=True, exist_ok=True)
        probe = parent / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}"
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        what = "Nothing can be written into the folder" if folder else "There can be no file"
        raise UserError(
            f"{what} {path}: {error.strerror}. Name another place, or ask for the right to write there."
        ) from error


def remove_unfinished(folder: str | Path) -> None:
    """Remove what killed processes have left half written in a folder; files that are being written stay."""
    for path in Path(folder).glob(f"{_PREFIX}*{_SUFFIX}"):
        # Somebody else may be writing it (BlockingIOError), have finished it, or have removed it.
        with suppress(OSError), open(path, "rb+") as file:
            _lock(file)
            if sys.platform == "win32":
                file.close()  # an open file cannot be removed there, which protects those of others
            path.unlink()


def _lock(file: IO[bytes]) -> None:
    """Mark a file as being written by a process that is alive.

    Raises:
        BlockingIOError: If another one is writing it.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:
            pass  # some network storage has no locks


def _rename_to_new(old: Path, new: Path) -> None:
    """Rename a file; FileExistsError if there is one of the new name."""
    if sys.platform == "win32":
        os.rename(old, new)
        return
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError:  # FAT and some network storage have no links; then there is a moment in between
        if os.path.lexists(new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(new)) from None
        os.rename(old, new)
    else:
        old.unlink()


def walk_files(folder: str | Path, onerror: Callable[[OSError], None] | None = None) -> Iterator[str]:
    """Yield the files below a folder, linked folders included.

    Each folder is entered once, so that a link to a folder above it does not go on for ever; what can be
    reached both directly and through a link is found directly.

    Args:
        folder: Where to look.
        onerror: Called with the error of each folder that cannot be listed; None to pass over it.

    Yields:
        Paths relative to ``folder``.
    """
    seen: set[str] = set()
    linked = [str(folder)]
    while linked:
        for root, folders, files in os.walk(linked.pop(0), onerror=onerror):
            real = os.path.realpath(root)
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            folders.sort()
            links = [name for name in folders if os.path.islink(os.path.join(root, name))]
            folders[:] = [name for name in folders if name not in links]
            linked += [os.path.join(root, name) for name in links]
            yield from (os.path.relpath(os.path.join(root, name), folder) for name in sorted(files))


def _sync_folder(folder: Path) -> None:
    """Wait until the names of a folder's files are on the disk."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # on Windows a folder cannot be opened, nor need it be
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network storage cannot; the file is in its place all the same
            os.fsync(handle)
    finally:
        os.close(handle)
