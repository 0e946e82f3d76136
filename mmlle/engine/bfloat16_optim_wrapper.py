from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.device import get_device
from mmengine.optim import OptimWrapper
from torch import nn

from mmlle.registry import OPTIM_WRAPPERS

__all__ = ["BFloat16OptimWrapper"]


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Mixed precision in bfloat16, which needs no loss scaling and runs on CPUs too.

    MMEngine's AmpOptimWrapper refuses to be built without an accelerator. Takes what OptimWrapper takes.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Run the forward pass under autocast, and whatever else OptimWrapper does around it."""
        with super().optim_context(model), torch.autocast(get_device(), torch.bfloat16):
            yield
