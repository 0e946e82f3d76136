from typing import cast

from mmengine.model.weight_init import BaseInit, update_init_info
from torch import Tensor, nn

from mmlle.registry import WEIGHT_INITIALIZERS

__all__ = ["NormalWeightsInit"]


@WEIGHT_INITIALIZERS.register_module("NormalWeights")
class NormalWeightsInit(BaseInit):
    """Draw the weights of some layers from a normal distribution and leave their biases as they are.

    Zero-DCE (Guo et al., CVPR 2020) and EnlightenGAN (Jiang et al., TIP 2021) draw weights in their code and
    keep PyTorch's own initialisation of the biases. MMEngine's ``Normal`` sets the biases to a constant; with
    zeros, the first curves of Zero-DCE are 13 times flatter.

    Args:
        layer: Names of the classes of layers, their base classes included.
        mean: Mean of the distribution.
        std: Its standard deviation.
    """

    def __init__(self, layer: str | list[str], mean: float = 0.0, std: float = 1.0) -> None:
        super().__init__(layer=layer)
        self.mean = mean
        self.std = std

    def __call__(self, module: nn.Module) -> None:
        """Initialise the layers in a module."""
        for layer in module.modules():
            names = {base.__name__ for base in type(layer).__mro__}
            if self.wholemodule or names & set(self.layer):
                nn.init.normal_(cast(Tensor, layer.weight), self.mean, self.std)
        if hasattr(module, "_params_init_info"):
            update_init_info(module, init_info=self._get_init_info())

    def _get_init_info(self) -> str:
        return f"{type(self).__name__}: layer={self.layer}, mean={self.mean}, std={self.std}"
