import torch
from torch import Tensor

from mmlle.utils.reflection import reflected

__all__ = ["pad_to_multiple"]


def pad_to_multiple(image: Tensor, multiple: int) -> tuple[Tensor, tuple[slice, slice]]:
    """Pad an image by reflection until its sides are multiples of a number.

    The padding is split between both sides, the odd pixel to the right and below. Images smaller than their
    padding, which PyTorch's own reflection refuses, are reflected again and again.

    Args:
        image: (N, C, H, W).
        multiple: The number.

    Returns:
        The padded image, and the rows and the columns where the image is in it.
    """
    (rows, top), (columns, left) = (reflected(side, multiple) for side in image.shape[-2:])
    inside = slice(top, top + image.shape[-2]), slice(left, left + image.shape[-1])
    if len(rows) != image.shape[-2]:
        image = image.index_select(-2, torch.tensor(rows, device=image.device))
    if len(columns) != image.shape[-1]:
        image = image.index_select(-1, torch.tensor(columns, device=image.device))
    return image, inside
