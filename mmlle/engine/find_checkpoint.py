"""Which checkpoint a training goes on from."""

import logging
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mmengine.logging import print_log
from mmengine.runner import Runner

from mmlle.utils.checkpoint_io import (
    DamagedCheckpointError,
    UnfitCheckpointError,
    check_weights,
    read_checkpoint,
)
from mmlle.utils.errors import UserError

from .nan_guard_hook import names_not_finite
from .zero_denormals_hook import optimizers_of

__all__ = ["check_checkpoint", "find_checkpoint"]


def find_checkpoint(runner: Runner, folder: str | Path, needs_optimizer: bool = True) -> str | None:
    """Find the newest checkpoint of a folder that is whole and fits a training.

    The file that ``last_checkpoint`` names is tried first, by its name in this folder: the folder may have
    been renamed since. If it will not do, all others are looked at, the most iterations first.

    Args:
        runner: The training, about to begin.
        folder: Where its checkpoints are.
        needs_optimizer: Whether checkpoints must hold the optimiser's state.

    Returns:
        The checkpoint's path; None if the folder holds no checkpoint of a training.

    Raises:
        UserError: If there are checkpoints, and none of them fits.
    """
    problems: dict[Path, UserError] = {}
    for path in _newest_first(Path(runner.work_dir), Path(folder), problems):
        try:
            meta = check_checkpoint(runner, path, needs_optimizer)["meta"]
        except UserError as error:
            problems[path] = error
            continue
        for other, problem in problems.items():
            print_log(f"Not resumed from {other}: {problem}", "current", logging.WARNING)
        print_log(f"Resuming from {path} (epoch {meta['epoch']}, iteration {meta['iter']}).", "current")
        return str(path)
    if problems:
        path, problem = next(iter(problems.items()))
        count = f" None of the {len(problems)} checkpoints there fits." if len(problems) > 1 else ""
        raise UnfitCheckpointError(
            f"The training cannot be resumed from {path}: {problem}{count} Name another one with --resume "
            "PATH, or start anew with another --work-dir."
        )
    print_log(f"There is no checkpoint in {folder} to resume from: the training starts anew.", "current")
    return None


def check_checkpoint(runner: Runner, path: str | Path, needs_optimizer: bool = True) -> dict[str, Any]:
    """Load a checkpoint and check that a training can go on from it.

    Args:
        runner: The training, about to begin.
        path: The file, or a URL.
        needs_optimizer: Whether it must hold the optimiser's state.

    Returns:
        The checkpoint, on the CPU.

    Raises:
        UserError: If the file is missing, damaged, or another model's or another training's.
    """
    checkpoint = _load(path)
    check_weights(runner.model, checkpoint["state_dict"], path, "this training", whole=True)
    problem = _misfit(runner, checkpoint, needs_optimizer)
    if problem:
        raise UnfitCheckpointError(f"{path} does not fit this training: {problem}.")
    changed = [*_changed_optimizers(runner, checkpoint), *_changed_schedules(runner, checkpoint)]
    if changed:
        print_log(
            f"The config says otherwise than {path}, whose settings go on: {'; '.join(changed)}. For those "
            f"of the config, start anew with its weights: --cfg-options load_from={path}, without --resume.",
            "current",
            logging.WARNING,
        )
    return checkpoint


def _newest_first(work_dir: Path, folder: Path, problems: dict[Path, UserError]) -> Iterator[Path]:
    """Give the checkpoints of a folder; those that cannot be read are put into ``problems``."""
    last = work_dir / "last_checkpoint"
    named = None
    if last.is_file():
        name = Path(last.read_text(errors="replace").strip()).name
        named = folder / name
        if name and named.is_file():
            yield named
    iterations = {}
    for path in sorted(folder.glob("*.pth")):
        # Neither the best weights nor the batches of NaNGuardHook are the state of a training.
        if path == named or path.name.startswith((".", "best_", "not_finite_")):
            continue
        try:
            iterations[path] = _load(path)["meta"]["iter"]
        except UserError as error:
            problems[path] = error
    yield from sorted(iterations, key=iterations.__getitem__, reverse=True)


def _load(path: str | Path) -> dict[str, Any]:
    """Load a checkpoint of a training.

    Raises:
        UserError: If it is missing, damaged, or no training's.
    """
    checkpoint = read_checkpoint(path)
    # PyTorch does not look at the check sums: a hole that a power failure has left would pass for weights.
    if "://" not in str(path) and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged:
            raise DamagedCheckpointError(
                f"The checkpoint '{path}' is damaged: the check sum of {damaged} is wrong."
            )
    if not {"state_dict", "meta", "message_hub"} <= checkpoint.keys():
        raise UnfitCheckpointError(
            f"'{path}' holds weights and not the state of a training. To start a training with them: "
            f"--cfg-options load_from={path}"
        )
    return checkpoint


def _misfit(runner: Runner, checkpoint: Mapping[str, Any], needs_optimizer: bool) -> str | None:
    """Say what keeps a training from going on from a checkpoint; None if nothing does."""
    wrong = names_not_finite(checkpoint)
    if wrong:
        return f"{len(wrong)} of its tensors are not finite, {wrong[0]} for one"
    if "optimizer" not in checkpoint:
        return "it holds no state of the optimiser" if needs_optimizer else None
    return _optimizer_misfit(runner, checkpoint["optimizer"]) or _schedule_misfit(
        runner, checkpoint.get("param_schedulers")
    )


def _optimizer_misfit(runner: Runner, saved: Mapping[str, Any]) -> str | None:
    optimizers = optimizers_of(runner)
    states = {"": saved} if "param_groups" in saved else saved
    if optimizers.keys() != states.keys():
        return f"it has {len(states)} optimisers ({', '.join(states)}), and this training {len(optimizers)}"
    for name, optimizer in optimizers.items():
        own, other = optimizer.param_groups, states[name]["param_groups"]
        if [len(group["params"]) for group in own] != [len(group["params"]) for group in other]:
            return "its optimiser has other groups of parameters"
        for one, two in zip(own, other, strict=True):
            # Versions of PyTorch add settings; only another kind of optimiser has some and lacks some.
            if one.keys() - two.keys() and two.keys() - one.keys():
                return f"its optimiser is of another kind than {type(optimizer).__name__}"
    return None


def _schedule_misfit(runner: Runner, saved: Any) -> str | None:
    def shape(schedulers: Any) -> Any:
        if isinstance(schedulers, Mapping):
            return {name: len(group) for name, group in schedulers.items()}
        return len(schedulers or [])

    if (
        saved is not None
        and runner.param_schedulers is not None
        and shape(saved) != shape(runner.param_schedulers)
    ):
        return "its schedules of the learning rate are others"
    return None


#: What changes in the course of a training.
_COURSE = ("params", "lr", "initial_lr", "last_step", "base_values", "verbose")


def _changed_optimizers(runner: Runner, checkpoint: Mapping[str, Any]) -> Iterator[str]:
    """Name settings of the optimisers that resuming takes from the checkpoint and not from the config."""
    saved = checkpoint.get("optimizer")
    if saved is None:
        return
    states = {"": saved} if "param_groups" in saved else saved
    for name, optimizer in optimizers_of(runner).items():
        groups = zip(optimizer.param_groups, states[name]["param_groups"], strict=True)
        own, other = next(groups)
        # Schedules keep what they began with under another name, and without one it is still the same.
        pairs = [("lr", own.get("initial_lr", own["lr"]), other.get("initial_lr", other["lr"]))]
        pairs += [(key, own[key], other[key]) for key in own if key in other and key not in _COURSE]
        yield from (
            _change(f"{name} {key}".strip(), *values) for key, *values in pairs if values[0] != values[1]
        )


def _changed_schedules(runner: Runner, checkpoint: Mapping[str, Any]) -> Iterator[str]:
    """Name settings of the schedules that resuming takes from the checkpoint and not from the config."""
    saved, own = checkpoint.get("param_schedulers"), runner.param_schedulers
    if not saved or not own:
        return
    named = own.items() if isinstance(own, Mapping) else [("", own)]
    for name, schedulers in named:
        states = saved[name] if isinstance(saved, Mapping) else saved
        for scheduler, other in zip(schedulers, states, strict=True):
            what = f"{name} {type(scheduler).__name__}".strip()
            for key, value in scheduler.state_dict().items():
                if key in other and not key.startswith("_") and key not in _COURSE and value != other[key]:
                    yield _change(f"{what}.{key}", value, other[key])


def _change(name: str, value: Any, saved: Any) -> str:
    return f"{name} {saved}, not {value}"
