"""Signals that ask a training to end: SIGTERM of schedulers, SIGINT of Ctrl-C."""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from mmengine.dist import get_world_size

__all__ = ["StopSignals", "outlive_signals"]


class StopSignals:
    """Notes SIGTERM and SIGINT instead of ending the process, while it is entered.

    A second Ctrl-C ends a process that is alone at once, as usual; a launcher passes the first one on to
    those that also got it from the terminal.

    Attributes:
        received: Number of the first signal; 0 if there was none.
    """

    _NUMBERS = (signal.SIGTERM, signal.SIGINT)

    def __init__(self) -> None:
        self.received = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "StopSignals":
        # Handlers belong to the main thread; of another one's training, the program decides when it ends.
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in self._NUMBERS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.received == number == signal.SIGINT and get_world_size() == 1:
            raise KeyboardInterrupt
        self.received = self.received or number


def outlive_signals(initialize: Callable[[int], None] | None, worker: int) -> None:
    """Begin a worker of a data loader that does not end before the training does.

    A terminal sends Ctrl-C to the workers too, and Slurm SIGTERM; the step under way still needs them. They
    end when their process tells them to, or is gone, which PyTorch looks after.

    Args:
        initialize: What else begins a worker.
        worker: Its number.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "sigwaitinfo"):  # macOS and Windows do not tell who sent a signal
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        threading.Thread(target=_obey_parent, args=(os.getppid(),), daemon=True).start()
    if initialize is not None:
        initialize(worker)


def _obey_parent(parent: int) -> None:
    """End this process by SIGTERM when its parent sends it; let those of others go."""
    while signal.sigwaitinfo([signal.SIGTERM]).si_pid != parent:
        pass
    os._exit(0)  # as PyTorch's own handler does; any other status is a fault to the parent
