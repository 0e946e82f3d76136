from mmengine.hooks import Hook
from mmengine.runner import IterBasedTrainLoop, Runner
from torch.nn.modules.batchnorm import _BatchNorm

from mmlle.registry import HOOKS
from mmlle.utils.errors import UserError

__all__ = ["NormEvalHook"]


@HOOKS.register_module()
class NormEvalHook(Hook):
    """From an epoch on, train with batch normalisation as it is in tests: by its running statistics.

    While a batch is normalised by its own statistics, the losses judge other images than those that a test
    shows: a generator's brightness, which each batch sets anew, is right in training and wrong in the test,
    the more so the smaller the batch. Once the statistics stand still both are the same function. Scale and
    shift of the normalisation go on learning.

    Args:
        begin: The first epoch with fixed statistics, or iteration, counted from 0, as schedulers count.
        by_epoch: Whether ``begin`` is an epoch.
    """

    def __init__(self, begin: int, by_epoch: bool = True) -> None:
        self.begin = begin
        self.by_epoch = by_epoch

    def before_train(self, runner: Runner) -> None:
        """Check that there are epochs to count.

        Raises:
            UserError: If the loop has none.
        """
        if self.by_epoch and self.begin > 0 and isinstance(runner.train_loop, IterBasedTrainLoop):
            raise UserError(
                f"NormEvalHook would never fix the statistics: it waits for epoch {self.begin}, and "
                f"{type(runner.train_loop).__name__} counts iterations alone. Give it by_epoch=False and the "
                "iteration to begin with."
            )

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """Fix the statistics, which loops set free at the beginning of an epoch and after a validation."""
        if (runner.epoch if self.by_epoch else runner.iter) >= self.begin:
            for module in runner.model.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
