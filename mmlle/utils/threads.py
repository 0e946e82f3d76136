"""Threads for work that NumPy, OpenCV and PyTorch do outside the interpreter's lock."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_threads", "num_threads"]

Item = TypeVar("Item")


def num_threads() -> int:
    """How many threads to take: ``OMP_NUM_THREADS``, as PyTorch does, else as many as usable cores."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return int(wanted)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(function: Callable[[Item], object], items: Sequence[Item]) -> None:
    """Call a function with each item, on :func:`num_threads` threads; raise the first of its errors."""
    threads = min(num_threads(), len(items))
    if threads < 2:
        for item in items:
            function(item)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(function, items):
            pass
