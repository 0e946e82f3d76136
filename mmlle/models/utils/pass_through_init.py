from typing import cast

import torch
from mmengine.model.weight_init import BaseInit, update_init_info
from torch import Tensor, nn

from mmlle.registry import WEIGHT_INITIALIZERS

__all__ = ["PassThroughInit"]


@WEIGHT_INITIALIZERS.register_module("PassThrough")
class PassThroughInit(BaseInit):
    """Let a chain of convolutions begin as one that gives its input back.

    The first channels of each hidden layer carry the image unchanged (a Dirac delta, which a ReLU passes).
    The others, and what the last layer takes from them, keep PyTorch's initialisation. The last layer
    prepares for the sigmoid that follows: ``sigmoid(gain * (x - 0.5))`` is near x. A network that maps an
    image to a similar one then learns the difference, instead of the identity first.

    Args:
        channels: How many channels the image has. Convolutions of no more outputs are last layers; one with a
            single output begins as the mean of the channels.
        gain: Slope of the last layer.

    Examples:
        >>> init_cfg = dict(type='PassThrough')
    """

    def __init__(self, channels: int = 3, gain: float = 5.0) -> None:
        super().__init__()
        self.channels = channels
        self.gain = gain

    @torch.no_grad()
    def __call__(self, module: nn.Module) -> None:
        """Initialise the convolutions in a module."""
        for layer in module.modules():
            if isinstance(layer, nn.Conv2d):
                self._initialise(layer.weight, cast(Tensor, layer.bias))
        if hasattr(module, "_params_init_info"):
            update_init_info(module, init_info=self._get_init_info())

    def _initialise(self, weight: Tensor, bias: Tensor) -> None:
        outputs, _, height, width = weight.shape
        centre = weight[:, : self.channels, height // 2, width // 2]
        carrying = torch.eye(self.channels)
        if outputs > self.channels:
            weight[: self.channels] = 0
            bias[: self.channels] = 0
            centre[: self.channels] = carrying
            return
        weight[:, : self.channels] = 0
        centre[:] = self.gain * (carrying if outputs == self.channels else carrying.mean(0))
        bias[:] = -self.gain / 2

    def _get_init_info(self) -> str:
        return f"{type(self).__name__}: channels={self.channels}, gain={self.gain}"
