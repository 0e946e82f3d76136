"""A training of one weight that takes milliseconds, for tests of hooks and checkpoints."""

import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn


class Model(BaseModel):
    """Its weight goes to 2."""

    def __init__(self, size: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(size))

    def forward(self, inputs, data_samples=None, mode="tensor"):
        if mode == "predict":
            return [dict(weight=self.weight[0].item())]
        return dict(loss=((self.weight - 2) ** 2).sum() + 0 * torch.stack(inputs).sum())


class Scores(BaseMetric):
    """Gives the scores of a list, one for each validation."""

    def __init__(self, scores: list[float]) -> None:
        super().__init__()
        self.scores = list(scores)

    def process(self, data_batch, data_samples):
        self.results.append(0)

    def compute_metrics(self, results):
        return dict(score=self.scores.pop(0))


class Call(Hook):
    """Calls a function with the runner before each epoch."""

    def __init__(self, function: Callable[[Runner], None]) -> None:
        self.function = function

    def before_train_epoch(self, runner):
        self.function(runner)


def make_runner(
    folder: str | Path,
    epochs: int = 3,
    model: nn.Module | None = None,
    scores: list[float] | None = None,
    hooks: list[Hook | dict] | None = None,
    optimizer: dict | None = None,
    **checkpoint: Any,
) -> Runner:
    """Build a Runner of epochs of two steps, with our hook of checkpoints (and its settings).

    A few of the Runner's own settings replace those of here.
    """
    loader = dict(
        dataset=[dict(inputs=torch.ones(1))] * 2,
        batch_size=1,
        num_workers=0,
        sampler=dict(type="DefaultSampler", shuffle=False),
        collate_fn=dict(type="pseudo_collate"),
    )
    validation = {}
    if scores is not None:
        validation = dict(val_dataloader=loader, val_cfg=dict(), val_evaluator=Evaluator(Scores(scores)))
    options = dict(train_dataloader=loader, train_cfg=dict(by_epoch=True, max_epochs=epochs))
    names = ("resume", "load_from", "train_dataloader", "train_cfg", "param_scheduler", "randomness")
    options |= {name: checkpoint.pop(name) for name in names if name in checkpoint}
    return Runner(
        model or Model(),
        work_dir=str(folder),
        optim_wrapper=dict(optimizer=optimizer or dict(type="SGD", lr=0.1, momentum=0.5)),
        default_hooks=dict(checkpoint=dict(type="mmlle.CheckpointHook", interval=1, **checkpoint)),
        custom_hooks=[dict(type="mmlle.NaNGuardHook"), *(hooks or [])],
        experiment_name=f"tiny_{os.getpid()}_{next(_numbers)}",
        **validation,
        **options,
    )


_numbers = iter(range(10**9))


def load(path: str | Path) -> dict[str, Any]:
    """Load a checkpoint, which must be whole."""
    return torch.load(path, weights_only=True)


def start_process(function: Callable[[], object]) -> int:
    """Call a function in a forked process; gives its number."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        function()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def end_of(process: int) -> int:
    """Wait for the end of a process; gives its exit status, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def kill_self() -> None:
    """End this process as ``kill -9`` does."""
    os.kill(os.getpid(), signal.SIGKILL)
