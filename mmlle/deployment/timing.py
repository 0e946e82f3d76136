import time
from collections.abc import Callable, Sequence
from statistics import median

__all__ = ["time_in_turns"]


def time_in_turns(functions: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """Measure how long functions take, in turns, since a machine is not equally fast all the time.

    Args:
        functions: Each is called once before.
        repeats: How often each is then measured.

    Returns:
        The median of each, in seconds.
    """
    for function in functions:
        function()
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(repeats):
        for function, found in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            found.append(time.perf_counter() - start)
    return [median(found) for found in times]
