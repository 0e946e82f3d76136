"""The scalars that a training logs to ``<work_dir>/<time>/vis_data/scalars.json``, and their curves."""

import json
import math
from collections import defaultdict
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path

import numpy as np

from mmlle.utils.errors import UserError

__all__ = ["Curves", "draw_curves", "read_runs", "read_scalars", "smoothed"]

#: What is in the logs beside losses, accuracies and metrics.
_BOOKKEEPING = ("*lr", "*time", "epoch", "iter", "step", "memory")

Curves = dict[str, dict[int, float]]


def read_runs(work_dir: Path) -> list[list[dict]]:
    """Read what a training logged, by run, the first one first: it has several where it was resumed.

    Args:
        work_dir: Its folder.

    Returns:
        The records of each run, values by name, in the order in which they were logged.
    """
    files = sorted(work_dir.glob("*/vis_data/scalars.json"))
    return [[json.loads(line) for line in filter(None, file.read_text().splitlines())] for file in files]


def read_scalars(work_dir: Path) -> Curves:
    """Read the scalars of a training; where it was resumed, the later run's count.

    Args:
        work_dir: Its folder.

    Returns:
        By name, values by step: iterations of training, and epochs of validation.

    Raises:
        UserError: If the folder has no logs, or they hold no scalars.
    """
    runs = read_runs(work_dir)
    if not runs:
        raise UserError(
            f"There is no */vis_data/scalars.json below {work_dir} (looked for from {Path.cwd()})."
        )
    curves: Curves = defaultdict(dict)
    for record in chain.from_iterable(runs):
        for name, value in record.items():
            if not any(fnmatch(name, pattern) for pattern in _BOOKKEEPING):
                curves[name][record["step"]] = value
    if not curves:
        raise UserError(f"The logs below {work_dir} hold no scalars yet.")
    return dict(curves)


def smoothed(values: list[float], window: int) -> np.ndarray:
    """Average each value with those before it, ``window`` of them in all, fewer at the beginning.

    A curve of fewer values than that, such as a metric of a few validations, is left as it is.
    """
    if len(values) < window:
        return np.array(values)
    sums = np.cumsum([0.0, *values])
    ends = np.arange(1, len(values) + 1)
    begins = np.maximum(ends - window, 0)
    return (sums[ends] - sums[begins]) / (ends - begins)


def draw_curves(runs: dict[str, Curves], patterns: list[str], window: int, out: Path) -> list[str]:
    """Draw the curves.

    Args:
        runs: Curves of each training by its title.
        patterns: What to draw, with wildcards.
        window: How many values are averaged.
        out: Picture to write, of any type that Matplotlib knows.

    Returns:
        The names of what was drawn.

    Raises:
        UserError: If no name fits the patterns.
    """
    from matplotlib.figure import Figure

    known = list(dict.fromkeys(name for curves in runs.values() for name in curves))
    names = [name for name in known if any(fnmatch(name, pattern) for pattern in patterns)]
    if not names:
        raise UserError(f"Nothing fits {' '.join(patterns)}; the logs hold {', '.join(known)}.")
    columns = min(3, len(names))
    rows = math.ceil(len(names) / columns)
    figure = Figure(figsize=(4.5 * columns, 2.8 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, name in zip(panels, names, strict=False):
        for title, curves in runs.items():
            points = sorted(curves.get(name, {}).items())
            panel.plot(
                [step for step, _ in points], smoothed([value for _, value in points], window), label=title
            )
        panel.set_title(name, fontsize=10)
        panel.grid(alpha=0.3)
    for panel in panels[len(names) :]:
        panel.remove()
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(runs))
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=100)
    return names
