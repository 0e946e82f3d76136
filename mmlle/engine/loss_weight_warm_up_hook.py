from collections.abc import Sequence

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmlle.registry import HOOKS
from mmlle.utils.errors import UserError
from mmlle.utils.unwrap_model import unwrap_model

__all__ = ["LossWeightWarmUpHook"]


@HOOKS.register_module()
class LossWeightWarmUpHook(Hook):
    """Let the weight of some losses grow from zero to the config's value over the first iterations.

    The weight depends on the iteration alone, so a resumed training goes on where it was. For a GAN: the
    generator first learns from its other losses, while the discriminators come to know both kinds of images.

    Args:
        losses: Names of the losses in the model, such as ``global_loss``.
        iterations: When the weight is what the config says, counted from the start of the training.
    """

    def __init__(self, losses: Sequence[str], iterations: int) -> None:
        self.losses = losses
        self.iterations = iterations

    def before_train(self, runner: Runner) -> None:
        """Note the config's weights.

        Raises:
            UserError: If the model has no such loss, or one without a weight.
        """
        model = unwrap_model(runner.model)
        weighted = {name: loss for name, loss in model.named_children() if hasattr(loss, "loss_weight")}
        unknown = [name for name in self.losses if name not in weighted]
        if unknown:
            raise UserError(
                f"LossWeightWarmUpHook: {type(model).__name__} has no loss {', '.join(unknown)}; it has "
                f"{', '.join(weighted)}."
            )
        self.weights = [(weighted[name], weighted[name].loss_weight) for name in self.losses]

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """Set the weights of this iteration."""
        share = min((runner.iter + 1) / self.iterations, 1)
        for loss, weight in self.weights:
            loss.loss_weight = share * weight
