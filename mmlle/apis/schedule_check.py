from collections.abc import Iterator
from typing import Any

__all__ = ["doubtful_schedules"]


def doubtful_schedules(schedulers: Any, loop: Any) -> Iterator[str]:
    """Find cosine schedules of another length than the training, as when a config is made longer.

    Args:
        schedulers: A config's ``param_scheduler``.
        loop: Its ``train_cfg``.

    Yields:
        A line for each.
    """
    if isinstance(schedulers, list):
        for scheduler in schedulers:
            yield from doubtful_schedules(scheduler, loop)
    elif isinstance(schedulers, dict) and "type" not in schedulers:  # one for each optimiser
        yield from doubtful_schedules(list(schedulers.values()), loop)
    elif isinstance(schedulers, dict) and schedulers["type"] == "CosineAnnealingLR":
        length, unit = (loop or {}).get("max_epochs"), "epochs"
        if not schedulers.get("by_epoch", True):
            length, unit = (loop or {}).get("max_iters"), "iterations"
        period = schedulers.get("T_max")
        if length and period and period != length and not (schedulers.get("begin") or schedulers.get("end")):
            then = "it rises again" if period < length else "it does not get there"
            yield (
                f"param_scheduler: the learning rate is at its least after T_max = {period} {unit}, and the "
                f"training has {length}: {then}. Set T_max = {length} too."
            )
