"""Timing of several sides in turns, each in a process of its own."""

import math
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import DefaultScope

from mmlle.utils.errors import UserError

if TYPE_CHECKING:  # a worker imports what it needs with its side
    from .sides import Side

__all__ = ["TOLERANCE", "Worker", "check", "measure", "table"]

#: How much the sides' losses or images may differ, relative or absolute.
TOLERANCE = 1e-5


#: The side of a worker's process.
_side: "Side"


class Worker:
    """A process that holds one side of the benchmark.

    Args:
        threads: Number of threads that PyTorch may use, on as many of this process's cores, the same for all
            workers; None leaves both alone.
        config: Config of the model.
        side: Class of the side.
        arguments: What it takes besides the config.
    """

    def __init__(self, threads: int | None, config: Config, side: "type[Side]", *arguments: Any) -> None:
        self.pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self.pool.submit(_start, threads, config, side, arguments).result()

    def __call__(self, method: str, *arguments: Any) -> Any:
        """Call a method of the side in its process, or get an attribute, and wait for the result."""
        return self.pool.submit(_call, method, *arguments).result()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown()


def _start(threads: int | None, config: Config, side: "type[Side]", arguments: tuple) -> None:
    """Make a worker process's side."""
    global _side
    MMLogger.get_instance("benchmark", log_level="ERROR")  # not every weight's initialisation, three times
    if threads is not None:
        torch.set_num_threads(threads)
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    with DefaultScope.overwrite_default_scope(config.get("default_scope", "mmlle")):
        _side = side(config, *arguments)


def _call(method: str, *arguments: Any) -> Any:
    """Call a method of a worker process's side, or get an attribute."""
    found = getattr(_side, method)
    return found(*arguments) if callable(found) else found


def measure(
    workers: Sequence[Worker], mode: str, repeats: int, warm_up: int, references: int = 1
) -> list[dict[str, Any]]:
    """Time all sides in turns; after its turn a side returns its memory, so that one at a time needs it.

    Args:
        workers: The sides, their images loaded.
        mode: ``'train'`` or ``'inference'``.
        repeats: How many turns each side has.
        warm_up: How often it runs in each of them before it is timed.
        references: How many of the sides, from the first on, the others are compared with.

    Returns:
        For each side ``name``, ``denormals`` (how many of its weights are denormal before the first turn),
        ``seconds`` (all of them), ``median``, ``ratios`` (to each reference, the median over the turns of the
        ratios within a turn) and ``peak_memory`` in bytes.
    """
    results = [dict(name=worker("name"), denormals=worker("denormals"), seconds=[]) for worker in workers]
    for _ in range(repeats):
        for worker, result in zip(workers, results, strict=True):
            turn = [worker("seconds", mode) for _ in range(warm_up + 1)]
            result["seconds"].append(turn[-1])
            worker("release_memory")
    for worker, result in zip(workers, results, strict=True):
        result["median"] = median(result["seconds"])
        result["ratios"] = [
            median(mine / other for mine, other in zip(result["seconds"], reference["seconds"], strict=True))
            for reference in results[:references]
        ]
        result["peak_memory"] = worker("peak_memory")
    return results


def check(first: Worker, last: Worker, mode: str) -> list[tuple[str, float, float]]:
    """Show that two sides compute the same, before either has trained.

    Args:
        first: A side, its images loaded; the original, whose tolerance of the gradient holds.
        last: The other side.
        mode: ``'train'`` compares the losses, ``'inference'`` the images.

    Returns:
        Names and the values of both; of images, the largest difference, to be compared with 0.

    Raises:
        UserError: If they differ by more than :data:`TOLERANCE`, relative or absolute; the norm of the
            gradient by more than the original allows.
    """
    tolerances = {}
    if mode == "train":
        theirs, ours = first("losses"), last("losses")
        tolerances["grad_norm"] = first("gradient_tolerance")
        rows = [(name, theirs[name], ours[name]) for name in theirs]
    else:
        difference = float(np.abs(first("enhanced") - last("enhanced")).max())
        rows = [("largest difference of the images", 0.0, difference)]
    wrong = [
        name
        for name, a, b in rows
        if not math.isclose(a, b, rel_tol=tolerances.get(name, TOLERANCE), abs_tol=TOLERANCE)
    ]
    if wrong:
        found = "; ".join(f"{name}: {a:.7g} and {b:.7g}" for name, a, b in rows)
        raise UserError(f"The two sides differ in {', '.join(wrong)}, so their times say nothing: {found}.")
    return rows


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table, the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = []
    for first, *others in [header, *rows]:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)
