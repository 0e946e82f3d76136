from mmengine.hooks import EMAHook
from mmengine.runner import Runner

from mmlle.registry import HOOKS, MODELS
from mmlle.utils.unwrap_model import unwrap_model

__all__ = ["GeneratorEMAHook"]


@HOOKS.register_module()
class GeneratorEMAHook(EMAHook):
    """MMEngine's exponential moving average, of a model's generator alone.

    Validation and testing use the averaged generator, and checkpoints hold it as ``generator``; the weights
    that the training goes on with are in the checkpoint's ``ema_state_dict``. Discriminators are left out: an
    averaged one would be of no use, and MMEngine's hook cannot take a model whose parts are wrapped one by
    one for several processes.

    Takes what :class:`mmengine.hooks.EMAHook` takes, such as ``momentum``, the share of the newest weights.
    """

    PREFIX = "generator."

    def before_run(self, runner: Runner) -> None:
        """Make the average."""
        self.src_model = unwrap_model(unwrap_model(runner.model).generator)
        self.ema_model = MODELS.build(self.ema_cfg, default_args=dict(model=self.src_model))

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Go on with the average of a checkpoint, or begin one with its generator."""
        if not hasattr(self, "ema_model"):
            return  # a test loads before it begins: the average is then made of what was loaded
        if runner._resume and "ema_state_dict" in checkpoint:
            super().after_load_checkpoint(runner, checkpoint)
            return
        generator = {
            name.removeprefix(self.PREFIX): value
            for name, value in checkpoint["state_dict"].items()
            if name.startswith(self.PREFIX)
        }
        self.ema_model.module.load_state_dict(generator)

    def _swap_ema_state_dict(self, checkpoint: dict) -> None:
        """Exchange the generator's weights and their average in a checkpoint."""
        state, average = checkpoint["state_dict"], checkpoint["ema_state_dict"]
        for name in average:
            if name.startswith("module."):
                own = self.PREFIX + name.removeprefix("module.")
                state[own], average[name] = average[name], state[own]
