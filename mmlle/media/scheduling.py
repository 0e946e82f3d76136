import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["keep_scheduling"]

_TASKS = Path("/proc/self/task")


@contextmanager
def keep_scheduling() -> Iterator[None]:
    """Let a library start threads that are scheduled as the calling one was before.

    The AV1 encoder SVT-AV1, run by root, as in a container, gives the calling thread and those that it starts
    real-time priority: all other programs of the machine would get what it leaves. On Linux alone.
    """
    if not (_TASKS.is_dir() and hasattr(os, "sched_getscheduler")):
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    before = set(os.listdir(_TASKS))
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)
        for task in set(os.listdir(_TASKS)) - before:
            with suppress(ProcessLookupError):  # it has ended
                os.sched_setscheduler(int(task), policy, parameters)
