"""A lock on the folder of a training, so that no two trainings mix their checkpoints in it."""

import json
import logging
import os
import socket
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout
from mmengine.logging import print_log

from .errors import UserError
from .files import write_bytes

__all__ = ["WorkDirInUseError", "lock_work_dir"]


class WorkDirInUseError(UserError):
    """Another process trains in a folder."""


def lock_work_dir(folder: str | Path) -> AcquireReturnProxy | None:
    """Lock the folder of a training until the lock is released or this process ends, however it does.

    A process may lock a folder that it has locked already. The lock is the operating system's (``flock``),
    not the mere presence of a file: a killed process leaves none behind. On network storage it holds between
    machines where the storage supports such locks (NFS 4, Lustre mounted with ``flock``); where it does not,
    a warning is logged and the training goes on without.

    Args:
        folder: The folder; made if it is not there.

    Returns:
        The lock, to be released by ``lock.release()`` or by a ``with`` block; None where there are no locks.

    Raises:
        WorkDirInUseError: If another process has locked the folder.
    """
    folder = Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    # Beside the lock and not in it: a file that others try to lock may be truncated by that.
    owner = folder / ".lock_owner"
    try:
        held = FileLock(folder / ".lock", is_singleton=True).acquire(timeout=0)
    except Timeout as error:
        raise WorkDirInUseError(
            f"Another training ({_read_owner(owner)}) is running in {folder}. Wait for its end or stop it, "
            "or give this one a folder of its own with --work-dir."
        ) from error
    except (OSError, NotImplementedError) as error:
        print_log(
            f"The storage of {folder} does not support locks ({error}). Start no second training in it while "
            "this one is running.",
            "current",
            logging.WARNING,
        )
        return None
    write_bytes(owner, json.dumps(dict(pid=os.getpid(), host=socket.gethostname())).encode())
    return held


def _read_owner(path: Path) -> str:
    try:
        owner = json.loads(path.read_bytes())
        return f"process {owner['pid']} on {owner['host']}"
    except (OSError, ValueError):
        return "of an unknown process"
