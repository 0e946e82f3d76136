import torch
from mmengine.hooks import EMAHook, Hook
from mmengine.optim import OptimWrapperDict
from mmengine.runner import Runner
from torch import Tensor
from torch.optim import Optimizer

from mmlle.registry import HOOKS
from mmlle.utils.denormals import zero_denormals

__all__ = ["ZeroDenormalsHook", "optimizers_of", "zero_denormals_of_training"]


@HOOKS.register_module()
class ZeroDenormalsHook(Hook):
    """Zero the denormal numbers that weight decay leaves behind, which slow CPUs down.

    They come about over thousands of steps, so that every hundredth step is often enough;
    :class:`CheckpointHook` frees checkpoints of them.

    Args:
        interval: Every how many iterations.
    """

    # After the step and the averages of its weights, before a checkpoint is written.
    priority = "LOW"

    def __init__(self, interval: int = 100) -> None:
        self.interval = interval

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: dict[str, Tensor] | None = None,
    ) -> None:
        """Zero them in every ``interval``-th iteration."""
        if self.every_n_train_iters(runner, self.interval):
            zero_denormals_of_training(runner)


def zero_denormals_of_training(runner: Runner) -> None:
    """Zero the denormals of all that a training goes on with: weights, their averages, the optimisers' state.

    To be called in all processes alike. In the optimisers' state only the denormals proper become zero:
    Adam's mean squares, for one, are legitimately far smaller than weights.
    """
    hooks = [hook for hook in runner.hooks if isinstance(hook, EMAHook)]
    for module in (runner.model, *(hook.ema_model for hook in hooks)):
        zero_denormals(module.parameters())
        zero_denormals(module.buffers())
    for optimizer in optimizers_of(runner).values():
        for state in optimizer.state.values():
            for value in state.values():
                if isinstance(value, Tensor) and value.is_floating_point():
                    zero_denormals([value], torch.finfo(value.dtype).tiny)


def optimizers_of(runner: Runner) -> dict[str, Optimizer]:
    """Optimisers of a training by name; the name of a single one is empty."""
    wrapper = runner.optim_wrapper
    wrappers = wrapper.items() if isinstance(wrapper, OptimWrapperDict) else [("", wrapper)]
    return {name: wrapper.optimizer for name, wrapper in wrappers}
