import torch
from torch import Tensor

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


def reflected(side: int, multiple: int) -> tuple[list[int], int]:
    """Say which pixel of a side comes where in the padded one, and where the first pixel is."""
    padding = -side % multiple
    before = padding // 2
    period = max(2 * (side - 1), 1)
    positions = [position % period for position in range(-before, side + padding - before)]
    return [min(position, period - position) if side > 1 else 0 for position in positions], before
