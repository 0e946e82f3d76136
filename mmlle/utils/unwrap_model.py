from typing import Any

from mmengine.model import is_model_wrapper
from torch import nn

__all__ = ["unwrap_model"]


def unwrap_model(module: nn.Module) -> Any:
    """Give the module inside a wrapper for several processes, or the module itself if it has none."""
    return module.module if is_model_wrapper(module) else module
