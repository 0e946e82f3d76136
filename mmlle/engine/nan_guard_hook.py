from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from mmlle.registry import HOOKS
from mmlle.utils.errors import UserError

__all__ = ["NaNGuardHook", "NotFiniteError", "names_not_finite"]


class NotFiniteError(UserError, ArithmeticError):
    """A training has come to values that are infinite or not a number."""


@HOOKS.register_module()
class NaNGuardHook(Hook):
    """Stop a training at the first loss that is infinite or not a number, and keep what led to it.

    The batch is saved to ``<work_dir>/not_finite_iter_<iteration>_rank_<rank>.pth``: the images, their names
    and the losses, as plain values. Checkpoints of before stay as they are, and none is written any more: not
    even if all losses were finite and the weights, their averages or the optimiser's state are not.
    """

    # After the averages were added to a checkpoint, before one is written.
    priority = "LOW"

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict[str, Tensor] | None = None,
    ) -> None:
        """Look at the losses.

        Raises:
            NotFiniteError: If one is not finite.
        """
        batch, outputs = data_batch or {}, outputs or {}
        wrong = [name for name, value in outputs.items() if not torch.as_tensor(value).isfinite().all()]
        if not wrong:
            return
        name = f"not_finite_iter_{runner.iter + 1}_rank_{get_rank()}.pth"
        path = Path(runner.work_dir, name)
        torch.save(
            dict(
                inputs=batch.get("inputs"),
                samples=[dict(sample.metainfo_items()) for sample in batch.get("data_samples") or []],
                losses={name: torch.as_tensor(value).tolist() for name, value in outputs.items()},
            ),
            path,
        )
        self._stop(runner, f"{', '.join(wrong)} not finite at iteration {runner.iter + 1}", path)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Look at the weights, their averages and the optimiser's state.

        Raises:
            NotFiniteError: If one is not finite.
        """
        wrong = names_not_finite(checkpoint)
        if wrong:
            iteration = checkpoint["meta"]["iter"]
            what = f"{len(wrong)} tensors are not finite after iteration {iteration}, {wrong[0]} for one"
            self._stop(runner, what, None)

    def _stop(self, runner: Runner, what: str, batch: Path | None) -> None:
        last = Path(runner.work_dir, "last_checkpoint")
        kept = (
            f"The last good checkpoint is {last.read_text()}"
            if last.is_file()
            else "No checkpoint was written"
        )
        saved = f"; the batch is in {batch}" if batch else ""
        raise NotFiniteError(
            f"The training broke down: {what}. {kept}{saved}. Look at the batch's images; if they are sound, "
            "resume from the checkpoint with a smaller learning rate, or without --amp."
        )


def names_not_finite(checkpoint: Mapping[str, Any]) -> list[str]:
    """Name the tensors of a checkpoint's weights, averages and optimisers that hold infinities or NaN."""

    def tensors(value: Any, name: str) -> Iterator[tuple[str, Tensor]]:
        if isinstance(value, Tensor):
            yield name, value
        elif isinstance(value, Mapping):
            for key, part in value.items():
                yield from tensors(part, f"{name}.{key}" if name else str(key))

    found = tensors(checkpoint["state_dict"], "")
    for part in ("ema_state_dict", "optimizer"):
        found = chain(found, tensors(checkpoint.get(part), part))
    return [name for name, value in found if value.is_floating_point() and not value.isfinite().all()]
