"""What several processes that train together cost: computing, exchanging gradients, loading."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.device import get_device
from mmengine.dist import all_reduce, barrier, get_world_size, is_distributed
from mmengine.logging import MMLogger
from mmengine.registry import MODEL_WRAPPERS, DefaultScope

from mmlle.datasets import SeededIndex
from mmlle.registry import DATASETS

from .sides import OurSide, synchronize

__all__ = ["ScalingTimes", "exchange_seconds", "measure_scaling"]


@dataclass(frozen=True)
class ScalingTimes:
    """Seconds of one process among several, medians of the turns.

    Attributes:
        processes: How many there are.
        values: How many numbers the gradients have, of four bytes each.
        alone: A training step without exchange, while the other processes do the same.
        together: A training step with it.
        exchange: The mean over all processes of as many numbers, and nothing else.
        loading: A batch loaded by one worker.
        ratio: ``together`` over ``alone``, the median of the ratios within a turn.
    """

    processes: int
    values: int
    alone: float
    together: float
    exchange: float
    loading: float
    ratio: float


def measure_scaling(config: Config, repeats: int) -> ScalingTimes:
    """Time training steps on the config's own data, in all processes of the group, if there is one.

    Steps without and with exchange of gradients take turns, so that other load of the machine affects both.

    Args:
        config: The config of a training.
        repeats: How many turns are timed, after one that is not.

    Raises:
        UserError: If the data is missing.
    """
    MMLogger.get_instance("benchmark", log_level="ERROR")  # not every weight's initialisation, twice
    with DefaultScope.overwrite_default_scope("mmlle"):
        dataset = DATASETS.build(config.train_dataloader.dataset)
        alone, together = OurSide(config), OurSide(config)
        values = sum(w.numel() for w in together.model.parameters() if w.requires_grad)
        if is_distributed():
            wrapper = config.get("model_wrapper_cfg") or dict(type="MMDistributedDataParallel")
            settings = dict(wrapper, module=together.model)
            together.model = MODEL_WRAPPERS.build(settings, default_args=dict(broadcast_buffers=False))
    batches = _batches(dataset, config.train_dataloader.batch_size)
    gradients = torch.zeros(values, device=get_device())

    def step(side: OurSide) -> Callable[[], object]:
        return lambda: side.model.train().train_step(batch, side.optim_wrapper)

    turns = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        batch = next(batches)
        loading = time.perf_counter() - start
        work = (step(alone), step(together), lambda: all_reduce(gradients, "mean"))
        turns.append([*map(_seconds, work), loading])
    del turns[0]
    medians = [median(column) for column in zip(*turns, strict=True)]
    names = ("alone", "together", "exchange", "loading")
    return ScalingTimes(
        processes=get_world_size(),
        values=values,
        ratio=median(turn[1] / turn[0] for turn in turns),
        **dict(zip(names, medians, strict=True)),
    )


def exchange_seconds(values: int, processes: int, bandwidth: float, latency: float) -> float:
    """Estimate how long a ring takes for the mean of gradients.

    Each process sends and receives ``2 (n - 1) / n`` times the bytes, in ``2 (n - 1)`` messages, one after
    the other (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms", JPDC 2009).

    Args:
        values: Numbers of four bytes.
        processes: How many, n.
        bandwidth: Of the slowest link, in bytes a second.
        latency: Of a message, in seconds.
    """
    rounds = 2 * (processes - 1)
    return rounds / processes * 4 * values / bandwidth + rounds * latency


def _batches(dataset: Any, size: int) -> Iterator[dict]:
    """Load batches of the training, one after the other."""
    for begin in itertools.count(0, size):
        indices = range(begin, begin + size)
        yield pseudo_collate([dataset[SeededIndex(i % len(dataset), i)] for i in indices])


def _seconds(work: Callable[[], object]) -> float:
    """Time some work that all processes begin at the same moment."""
    barrier()
    start = time.perf_counter()
    work()
    synchronize()
    return time.perf_counter() - start
