import torch
from mmengine.dist import all_reduce, get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from mmlle.registry import HOOKS

__all__ = ["MeanLossHook"]


@HOOKS.register_module()
class MeanLossHook(Hook):
    """Log the losses of several processes as their means; MMEngine logs those of the first one.

    Whoever looks at the losses after it sees the means: one that is not a number in one process is so in all,
    and :class:`NaNGuardHook` ends all of them.
    """

    # Before MMEngine's RuntimeInfoHook takes the losses for the log.
    priority = "HIGHEST"

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict[str, Tensor] | None = None,
    ) -> None:
        """Replace the numbers of a step by their means over all processes, which have the same names."""
        if not outputs or get_world_size() == 1:
            return
        names = sorted(outputs)
        means = torch.stack([torch.as_tensor(outputs[name]).detach().float().mean().cpu() for name in names])
        all_reduce(means, "mean")
        outputs.update(zip(names, means, strict=True))
