"""Checkpoints under torch's safe loading, and one clear message for those that it refuses.

Upstream: torch 2.6 made ``torch.load`` build only allow-listed objects (``weights_only=True``,
pytorch/pytorch#137602); MMEngine 0.10 (open-mmlab/mmengine) still assumes the old way:

- What its ``CheckpointHook`` writes holds :class:`mmengine.logging.HistoryBuffer` and NumPy
  scalars, so ``--resume`` fails. By default a pickled ``HistoryBuffer`` also refers to
  ``getattr``, and whoever allows that has given the safety up. Here it is pickled as its class
  and three plain values, and the class and NumPy's array types are allowed: none of them runs
  code that the file brings along.
- Checkpoints named by a URL are loaded the old, unsafe way (``torch.hub`` keeps
  ``weights_only=False``). Here they are loaded like local ones.

This file can go when MMEngine writes checkpoints that torch loads by default.
"""

import copyreg
import errno
import functools
import os
import pickle
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import mmengine.runner.checkpoint as upstream
import numpy as np
import torch
from mmengine.logging import HistoryBuffer

from mmlle.utils.errors import UserError

__all__ = [
    "DamagedCheckpointError",
    "UntrustedCheckpointError",
    "checkpoints_are_trusted",
    "repair",
    "trust_checkpoints",
]

#: Read by ``torch.load`` whenever it is called without ``weights_only``.
_TRUST_VARIABLE = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"

#: How torch's refusals name what a file wanted to use.
_UNSAFE = re.compile(r"GLOBAL (\S+) (?:was|whose)|unrecognized function (.+)|but got (.+)")


class UntrustedCheckpointError(UserError, RuntimeError):
    """A checkpoint holds more than data; loading it would run code that it brings along."""


class DamagedCheckpointError(UserError, RuntimeError):
    """A file is not a checkpoint, or only a part of one."""


def trust_checkpoints() -> None:
    """Let checkpoints run the code that they bring along, here and in spawned processes.

    The flag ``--trust-checkpoint`` of ``tools/train.py`` and ``tools/test.py`` calls it.
    """
    os.environ[_TRUST_VARIABLE] = "1"


def checkpoints_are_trusted() -> bool:
    """Whether :func:`trust_checkpoints`, or the user's environment, has allowed pickled code."""
    return os.environ.get(_TRUST_VARIABLE, "0") in ("1", "y", "yes", "true")


def _reduce_history(history: HistoryBuffer) -> tuple[type[HistoryBuffer], tuple]:
    """Pickle a buffer as its class, two lists and a length.

    Statistics that were registered by a program belong to the class and are not saved with a
    buffer: the program registers them again.
    """
    values, counts = history.data
    return HistoryBuffer, (values.tolist(), counts.tolist(), history.max_length)


def _numpy_globals() -> list[Callable | tuple[Callable, str]]:
    """What a pickled NumPy array or scalar refers to.

    Arrays of objects and of records are left out: a forged one can make NumPy take raw bytes for
    pointers to objects.
    """
    reconstruct = np.ndarray([0]).__reduce__()[0]
    scalar = np.float64(0).__reduce__()[0]
    # NumPy 2 moved the two functions; a file names them where its writer had them.
    moved = [
        (function, f"numpy.{core}.multiarray.{function.__name__}")
        for function in (reconstruct, scalar)
        for core in ("core", "_core")
    ]
    dtype_classes = {type(np.dtype(code)) for code in np.typecodes["All"] if code not in "OV"}
    return [np.ndarray, np.dtype, *moved, *dtype_classes]


@contextmanager
def _clear_messages(filename: str) -> Iterator[None]:
    """Say in one message why a checkpoint cannot be loaded."""
    try:
        yield
    except pickle.UnpicklingError as error:
        raise _refused(filename, str(error)) from error
    except RuntimeError as error:
        if re.search(r"PytorchStreamReader|unexpected EOF|[Ii]nvalid magic number", str(error)):
            raise _damaged(filename) from error
        raise  # not the file's fault: a device that is not there, contradicting settings
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        # What torch 2.11 makes of a zip archive without its end.
        raise _damaged(filename) from error
    except (EOFError, LookupError, ValueError, TypeError, AssertionError, struct.error) as error:
        # Bytes that are no pickle at all end in any of these.
        raise _damaged(filename) from error


def _refused(filename: str, reason: str) -> RuntimeError:
    wanted = _UNSAFE.search(reason)
    if wanted is None:
        return _damaged(filename)
    return UntrustedCheckpointError(
        f"The checkpoint '{filename}' was not loaded: it wants to use '{wanted[wanted.lastindex]}',"
        " which is more than weights and numbers and could run any code. If you trust where it "
        "comes from, add --trust-checkpoint to tools/train.py or tools/test.py (or call "
        "mmlle.compat.checkpoint.trust_checkpoints())."
    )


def _damaged(filename: str) -> DamagedCheckpointError:
    return DamagedCheckpointError(
        f"The file '{filename}' is not a checkpoint that torch.save wrote, or is only a part of "
        "one (an interrupted copy or download?). Fetch or convert it again."
    )


def _with_clear_messages(loader: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(loader)  # MMEngine prints the loader's name
    def wrapper(filename: str, *args: object, **kwargs: object) -> Any:
        with _clear_messages(filename):
            return loader(filename, *args, **kwargs)

    return wrapper


def _load_url(url: str, **kwargs: object) -> Any:
    """``torch.hub.load_state_dict_from_url``, as safe as ``torch.load`` is."""
    return torch.hub.load_state_dict_from_url(url, weights_only=not checkpoints_are_trusted(), **kwargs)


def repair() -> None:
    """Make MMEngine's checkpoints loadable, and refusals clear.

    Calling it again changes nothing.
    """
    if upstream.load_url is _load_url:
        return
    copyreg.pickle(HistoryBuffer, _reduce_history)
    torch.serialization.add_safe_globals([HistoryBuffer, *_numpy_globals()])
    upstream.load_url = _load_url
    upstream.load_from_local = _with_clear_messages(upstream.load_from_local)
    upstream.load_from_http = _with_clear_messages(upstream.load_from_http)
    register = upstream.CheckpointLoader.register_scheme
    register("", upstream.load_from_local, force=True)
    register(("http://", "https://"), upstream.load_from_http, force=True)
