from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch.nn.modules.batchnorm import _BatchNorm

from mmlle.registry import HOOKS

__all__ = ["NormEvalHook"]


@HOOKS.register_module()
class NormEvalHook(Hook):
    """From an epoch on, train with batch normalisation as it is in tests: by its running statistics.

    While a batch is normalised by its own statistics, the losses judge other images than those that a test
    shows: a generator's brightness, which each batch sets anew, is right in training and wrong in the test,
    the more so the smaller the batch. Once the statistics stand still both are the same function. Scale and
    shift of the normalisation go on learning.

    Args:
        begin: The first epoch with fixed statistics, counted from 0, as schedulers count.
    """

    def __init__(self, begin: int) -> None:
        self.begin = begin

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """Fix the statistics, which the loop sets free at the beginning of each epoch."""
        if runner.epoch >= self.begin:
            for module in runner.model.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
