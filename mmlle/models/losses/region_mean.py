"""Means of square regions, which several losses use."""

import torch.nn.functional as F
from torch import Tensor

from mmlle.utils.errors import ImageSizeError

__all__ = ["channel_region_mean", "region_mean"]


def region_mean(image: Tensor, size: int) -> Tensor:
    """Mean over channels and over ``size`` × ``size`` regions; what is left over at the border is dropped.

    Args:
        image: (N, C, H, W).
        size: Side of a region in pixels.

    Returns:
        (N, 1, H // size, W // size).

    Raises:
        ImageSizeError: If the image is smaller than one region.
    """
    return channel_region_mean(image.mean(dim=1, keepdim=True), size)


def channel_region_mean(image: Tensor, size: int) -> Tensor:
    """Mean over ``size`` × ``size`` regions of each channel; see :func:`region_mean`.

    Args:
        image: (N, C, H, W).
        size: Side of a region in pixels.

    Returns:
        (N, C, H // size, W // size).

    Raises:
        ImageSizeError: If the image is smaller than one region.
    """
    height, width = image.shape[-2:]
    if min(height, width) < size:
        raise ImageSizeError(
            f"The loss averages over regions of {size}x{size} px, but the image is {height}x{width} "
            "(height x width). Train on larger crops, or choose a smaller region in the loss's config."
        )
    return F.avg_pool2d(image, size)
