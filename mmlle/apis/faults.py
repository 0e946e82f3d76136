"""What goes wrong around a run rather than in it, in the words of one line."""

import errno
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmlle.utils.errors import UserError

__all__ = ["RunFaultError", "explained_faults"]

#: How PyTorch reports the end of a data loader's worker.
_WORKER = re.compile(r"DataLoader worker \(pid\(?s?\)? ([\d, ]+)\) (?:is killed by signal: (\w[^.]*)|exited)")

#: How gloo and NCCL report the end of another process.
_PEER = re.compile(
    r"gloo.*(?:closed|reset|timed? ?out|Broken pipe)|NCCL.*(?:closed|abort|remote|timed? ?out)", re.S | re.I
)

#: What the system says of a disk or folder that the user can change.
_OF_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EFBIG)


class RunFaultError(UserError, RuntimeError):
    """A training or test that ended because of the machine it ran on."""


@contextmanager
def explained_faults() -> Iterator[None]:
    """Turn the end of a worker or of another process, and a full or read-only disk, into errors of one line.

    Raises:
        RunFaultError: If it was one of these.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        message = _explain(error)
        if message is None:
            raise
        raise RunFaultError(message) from error


def _explain(error: BaseException) -> str | None:
    # A worker's death is a signal, which interrupts the main process wherever it is: what was going on there
    # may have made another error of it.
    for each in _chain(error):
        worker = isinstance(each, RuntimeError) and _WORKER.search(str(each))
        if worker or _is_broken_connection(each):
            which = f" (process {worker[1]})" if worker else ""
            how = f"was killed by a signal ({worker[2]})" if worker and worker[2] else "ended unexpectedly"
            return (
                f"A worker of a data loader{which} {how}, most often for lack of memory. The "
                "checkpoints are whole: go on with --resume, with fewer workers (--cfg-options "
                "train_dataloader.num_workers=1) or smaller batches."
            )
    if isinstance(error, RuntimeError) and _PEER.search(str(error)):
        return (
            "Another process of this run ended or cannot be reached; its own message says why. The "
            "checkpoints are whole: go on with --resume."
        )
    if isinstance(error, OSError) and error.errno in _OF_DISK:
        name = f"{error.filename} " if error.filename else "A file "
        return (
            f"{name}could not be read or written: {error.strerror}. The checkpoints are whole: make room or "
            "choose another folder, and go on with --resume."
        )
    return None


def _is_broken_connection(error: BaseException) -> bool:
    """Tell whether a worker ended while a batch of it was received, before its end was noticed."""
    if not isinstance(error, ConnectionError | EOFError):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    return any("multiprocessing" in Path(frame.filename).parts for frame in frames)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
