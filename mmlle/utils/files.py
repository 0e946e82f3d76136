import os
import secrets
from contextlib import suppress
from pathlib import Path

__all__ = ["remove_unfinished", "write_bytes"]

#: Names of files that are being written; a process that is killed leaves them behind.
_PREFIX, _SUFFIX = ".writing-", ".tmp"


def write_bytes(path: str | Path, content: bytes | memoryview, sync: bool = False) -> None:
    """Write a file as a whole or not at all; missing folders are made.

    Args:
        path: Where to.
        content: What.
        sync: Whether to wait until it is on the disk, so that it outlasts a power failure too.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Opened by this, and not by tempfile, it has the permissions that the umask leaves to any new file.
    temporary = path.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if sync:
        _sync_folder(path.parent)


def remove_unfinished(folder: str | Path) -> None:
    """Remove what killed processes have left half written in a folder; nobody else may be writing in it."""
    for path in Path(folder).glob(f"{_PREFIX}*{_SUFFIX}"):
        path.unlink(missing_ok=True)


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
