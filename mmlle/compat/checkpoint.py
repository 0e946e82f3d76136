"""MMEngine's checkpoints under torch's safe loading.

Upstream: torch 2.6 made ``torch.load`` build only allow-listed objects (``weights_only=True``,
pytorch/pytorch#137602). What the ``CheckpointHook`` of MMEngine 0.10 (open-mmlab/mmengine) writes
holds :class:`mmengine.logging.HistoryBuffer` and NumPy scalars, so ``--resume`` fails. By default a
pickled ``HistoryBuffer`` also refers to ``getattr``, and whoever allows that has given the safety up.
Here it is pickled as its class and three plain values, and the class and NumPy's array types are
allowed: none of them runs code that the file brings along.

Both tables, ``copyreg``'s and torch's, are the whole process's, because MMEngine's ``Runner`` writes
and reads the file, under the tools of other projects too. Nobody else notices: a buffer that was
pickled comes back as before, nothing that torch loaded is refused, and what it loads in addition is
numbers. No function of torch or MMEngine is replaced.

This file can go when MMEngine writes checkpoints that torch loads by default.
"""

import copyreg
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

__all__ = ["repair"]


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
    reconstruct: Any = np.ndarray([0]).__reduce__()[0]
    scalar: Any = np.float64(0).__reduce__()[0]
    # NumPy 2 moved the two functions; a file names them where its writer had them.
    moved = [
        (function, f"numpy.{core}.multiarray.{function.__name__}")
        for function in (reconstruct, scalar)
        for core in ("core", "_core")
    ]
    dtype_classes = {type(np.dtype(code)) for code in np.typecodes["All"] if code not in "OV"}
    return [np.ndarray, np.dtype, *moved, *dtype_classes]


def repair() -> None:
    """Make the checkpoints of MMEngine's trainings loadable. Calling it again changes nothing."""
    copyreg.pickle(HistoryBuffer, _reduce_history)
    torch.serialization.add_safe_globals([HistoryBuffer, *_numpy_globals()])
