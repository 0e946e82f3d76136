"""Feature maps brought to a mean of one, which the perceptual and the texture loss both compare."""

import torch
from torch import Tensor

__all__ = ["mean_one"]


def mean_one(maps: Tensor) -> Tensor:
    """Divide the maps of each image by their mean, so that the layers of a network count alike.

    Args:
        maps: (N, C, H, W), not negative: taken after a ReLU.

    Returns:
        The same shape, in single precision at least; zeros stay zeros.
    """
    maps = maps.float() if maps.dtype in (torch.float16, torch.bfloat16) else maps
    return maps / maps.mean(dim=(1, 2, 3), keepdim=True).clamp_min(torch.finfo(maps.dtype).eps)
