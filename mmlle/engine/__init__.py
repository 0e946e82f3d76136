"""Training loop, hooks and optimiser wrapper; importing the package registers all of them."""

from .bfloat16_optim_wrapper import BFloat16OptimWrapper
from .checkpoint_hook import CheckpointHook
from .generator_ema_hook import GeneratorEMAHook
from .grad_norm_hook import GradNormHook
from .loss_weight_warm_up_hook import LossWeightWarmUpHook
from .mean_loss_hook import MeanLossHook
from .nan_guard_hook import NaNGuardHook
from .norm_eval_hook import NormEvalHook
from .picture_hook import PictureHook
from .resumable_loop import ResumableEpochLoop
from .zero_denormals_hook import ZeroDenormalsHook

__all__ = [
    "BFloat16OptimWrapper",
    "CheckpointHook",
    "GeneratorEMAHook",
    "GradNormHook",
    "LossWeightWarmUpHook",
    "MeanLossHook",
    "NaNGuardHook",
    "NormEvalHook",
    "PictureHook",
    "ResumableEpochLoop",
    "ZeroDenormalsHook",
]
