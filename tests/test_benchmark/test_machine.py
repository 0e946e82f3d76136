import time

from mmlle.benchmark.machine import _fastest, measure_limits


def test_limits_are_of_the_order_of_a_machine():
    limits = measure_limits(channels=16, side=32, megabytes=4, repeats=2)
    assert 1e7 < limits.flops < 1e15
    assert 1e7 < limits.bandwidth < 1e14


def test_the_fastest_counts_but_for_the_first():
    waits = iter([0, 0.02, 0.005])
    assert 0.005 <= _fastest(lambda: time.sleep(next(waits)), 2) < 0.02
