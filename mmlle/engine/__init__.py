"""Training loop, hooks and optimiser wrapper; importing the package registers all of them."""

from .bfloat16_optim_wrapper import BFloat16OptimWrapper
from .picture_hook import PictureHook
from .resumable_loop import ResumableEpochLoop

__all__ = ["BFloat16OptimWrapper", "PictureHook", "ResumableEpochLoop"]
