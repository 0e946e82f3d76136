import os
import threading
from pathlib import Path

import av
import numpy as np
import pytest

from mmlle.media.scheduling import keep_scheduling
from mmlle.testing import write_film

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_setscheduler") or os.geteuid() != 0, reason="only root can get real-time priority"
)


def policies():
    return {os.sched_getscheduler(int(task)) for task in os.listdir("/proc/self/task")}


def test_an_encoder_that_takes_real_time_priority_gives_it_back(tmp_path):
    path = write_film(tmp_path / "film.webm", np.zeros((2, 64, 64, 3), np.float32), codec="libsvtav1")
    assert path.is_file()
    assert policies() == {os.SCHED_OTHER}


def test_the_threads_that_are_started_and_the_calling_one():
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    try:
        with keep_scheduling():
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
            thread.start()
            assert os.SCHED_FIFO in policies()
        assert policies() == {os.SCHED_OTHER}
    finally:
        end.set()
        thread.join()


def test_where_there_are_no_tasks_nothing_happens(monkeypatch):
    monkeypatch.setattr("mmlle.media.scheduling._TASKS", Path("/nowhere"))
    with keep_scheduling():
        pass


def test_the_encoder_still_does_so(tmp_path):
    """If not, scheduling.py can go."""
    with av.open(str(tmp_path / "film.mkv"), "w") as container, keep_scheduling():
        stream = container.add_stream("libsvtav1", rate=5)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        stream.codec_context.open()
        assert os.SCHED_FIFO in policies()
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
