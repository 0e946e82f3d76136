import os

import pytest
from mmengine.config import Config

from mmlle.benchmark.timing import Worker, measure, table


def worker(name, times, calls=None):
    """Stands for a process that takes given times."""
    answers = iter(times)
    known = dict(name=name, denormals=7, peak_memory=5, release_memory=None)

    def call(method, *_):
        if calls is not None and method in ("seconds", "release_memory"):
            calls.append(f"{name} {method}")
        return next(answers) if method == "seconds" else known[method]

    return call


def test_sides_take_turns_and_warming_up_does_not_count():
    calls = []
    workers = [
        worker("original", [99, 4, 98, 8, 97, 6], calls),
        worker("ours", [96, 1, 95, 2, 94, 9], calls),
    ]
    first, second = measure(workers, "train", repeats=3, warm_up=1)
    turn = [
        f"{side} {method}"
        for side in ("original", "ours")
        for method in ("seconds", "seconds", "release_memory")
    ]
    assert calls == 3 * turn
    shared = dict(denormals=7, peak_memory=5)
    assert first == dict(name="original", seconds=[4, 8, 6], median=6, ratios=[1], **shared)
    # Turn by turn 1/4, 2/8 and 9/6.
    assert second == dict(name="ours", seconds=[1, 2, 9], median=2, ratios=[1 / 4], **shared)


def test_ratios_are_to_each_reference():
    workers = [worker("original", [8]), worker("another", [4]), worker("ours", [2])]
    results = measure(workers, "inference", repeats=1, warm_up=0, references=2)
    assert [result["ratios"] for result in results] == [[1, 2], [1 / 2, 1], [1 / 4, 1 / 2]]


class Here:
    """A side that knows where it runs."""

    def __init__(self, config, number):
        self.number = number

    def process_and_cores(self):
        return os.getpid(), os.sched_getaffinity(0)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system has no affinity of processes")
def test_a_worker_is_a_process_on_the_first_cores():
    with Worker(1, Config(), Here, 3) as worker:
        assert worker("number") == 3
        process, cores = worker("process_and_cores")
    assert process != os.getpid()
    assert cores == {min(os.sched_getaffinity(0))}


def test_table_is_aligned():
    assert table(["time", "median"], [["ours", "1 s"], ["original", "10.5 s"]]) == (
        "time      median\nours         1 s\noriginal  10.5 s"
    )
