import threading

import pytest

from mmlle.utils.threads import in_threads, num_threads


@pytest.mark.parametrize(("value", "expected"), [("1", 1), ("3", 3)])
def test_the_number_of_threads_follows_the_environment(monkeypatch, value, expected):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert num_threads() == expected


@pytest.mark.parametrize("value", ["", "0", "many"])
def test_else_it_is_that_of_the_cores(monkeypatch, value):
    monkeypatch.setenv("OMP_NUM_THREADS", value)
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 5, 6}, raising=False)
    assert num_threads() == 3


@pytest.mark.parametrize("threads", [1, 2])
def test_each_item_has_its_turn(monkeypatch, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", str(threads))
    done = []
    in_threads(done.append, range(20))
    assert sorted(done) == list(range(20))


def test_several_threads_work_at_once(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    both = threading.Barrier(2, timeout=10)
    in_threads(lambda item: both.wait(), [0, 1])


@pytest.mark.parametrize("threads", ["1", "2"])
def test_an_error_is_raised(monkeypatch, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda item: 1 / item, [1, 0, 2])
