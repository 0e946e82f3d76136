from functools import partial
from typing import Any

from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.runner import Runner
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer

from mmlle.registry import HOOKS

__all__ = ["GradNormHook"]

#: MMEngine's name for it.
_NORM = "grad_norm"


@HOOKS.register_module()
class GradNormHook(Hook):
    """Log the norm of the gradient of each step, as ``grad_norm``; of several optimisers by their names.

    ``grad_norm_generator``, ``grad_norm_discriminator``. The gradient is only read: a training is the same
    with the hook as without. MMEngine logs the norm of an optimiser with ``clip_grad`` itself, before it is
    clipped; the hook leaves it to that, and gives it the name.
    """

    def before_train(self, runner: Runner) -> None:
        """Observe the steps of the optimisers."""
        wrapper = runner.optim_wrapper
        if isinstance(wrapper, OptimWrapperDict):
            named = {f"{_NORM}_{name}": each for name, each in wrapper.items()}
        else:
            named = {_NORM: wrapper}
        self._handles, self._clipped = [], []
        for name, each in named.items():
            if not isinstance(each, OptimWrapper):
                continue
            if each.clip_grad_kwargs is None:
                log = partial(self._log, runner, name)
                self._handles.append(each.optimizer.register_step_pre_hook(log))
            elif each.grad_name == _NORM:
                each.grad_name = name
                self._clipped.append(each)

    def after_train(self, runner: Runner) -> None:
        """Leave the optimisers as they were."""
        for handle in self._handles:
            handle.remove()
        for each in self._clipped:
            each.grad_name = _NORM

    @staticmethod
    def _log(runner: Runner, name: str, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        parameters = (p for group in optimizer.param_groups for p in group["params"])
        norm = get_total_norm([p.grad for p in parameters if p.grad is not None])
        runner.message_hub.update_scalar(f"train/{name}", norm)
