from collections.abc import Callable
from functools import partial, reduce

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmlle.registry import MODELS

from ...archs.curve_estimator import CurveEstimator, JoinedConv2d, join

__all__ = ["EFENet"]


class DepthwiseSeparableConv(nn.Module):
    """A 3×3 convolution of each channel by itself, then a 1×1 convolution of all, both with bias.

    Args:
        in_channels: Channels of the input, or of all inputs together.
        out_channels: Channels of the output.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Convolve one or several (N, C, H, W), joined along the channels; (N, out_channels, H, W)."""
        if len(inputs) == 1 or not inputs[0].is_cpu or torch.jit.is_tracing():
            return self.pointwise(self.depthwise(join(inputs)))
        # Joined, they are copied and leave the cache; each with its part of the weights takes a quarter less
        # time. (In a traced graph the parts take ONNX Runtime twice as long.)
        depthwise, pointwise = self.depthwise, self.pointwise
        assert depthwise.bias is not None
        start = 0
        outputs: list[Tensor] = []
        for each in inputs:
            part = slice(start, start := start + each.shape[1])
            kernels, bias = depthwise.weight[part], depthwise.bias[part]
            features = F.conv2d(each, kernels, bias, padding=1, groups=len(kernels))
            outputs.append(F.conv2d(features, pointwise.weight[:, part], None if outputs else pointwise.bias))
        return reduce(Tensor.add_, outputs)


CONVS: dict[str, Callable[[int, int], nn.Module]] = {
    "dsc": DepthwiseSeparableConv,
    "dc": partial(JoinedConv2d, kernel_size=3, padding=2, dilation=2),
    "tc": partial(JoinedConv2d, kernel_size=3, padding=1),
}


@MODELS.register_module()
class EFENet(CurveEstimator):
    """Enhancement-factor extraction network of SGZ (Zheng & Gupta, WACVW 2022, Sec. 3.1).

    Args:
        conv_type: ``'dsc'`` depthwise-separable (10,561 parameters at width 32), ``'dc'`` dilated by 2 (the
            released code names it and leaves it undefined), ``'tc'`` plain.
        width: Channels of the hidden layers.
        scale_factor: See :class:`CurveEstimator`; 1 in the original's training, 12 in its testing.
        init_cfg: Initialisation, see mmengine's BaseModule; None for PyTorch's own, as in the original.

    Raises:
        ValueError: If ``conv_type`` is none of the three or ``scale_factor`` is below 1.

    Examples:
        >>> import torch
        >>> EFENet(scale_factor=12)(torch.rand(1, 3, 100, 151)).shape
        torch.Size([1, 3, 100, 151])
    """

    def __init__(
        self,
        conv_type: str = "dsc",
        width: int = 32,
        scale_factor: float = 1,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        if conv_type not in CONVS:
            raise ValueError(f"conv_type must be one of {sorted(CONVS)}, got {conv_type!r}.")
        super().__init__(
            CONVS[conv_type],
            out_channels=3,
            width=width,
            dilation=2 if conv_type == "dc" else 1,
            scale_factor=scale_factor,
            init_cfg=init_cfg,
        )
