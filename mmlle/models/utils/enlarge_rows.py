import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["enlarge_rows"]


def enlarge_rows(image: Tensor, start: int, count: int, size: torch.Size | tuple[int, int]) -> Tensor:
    """Enlarge an image bilinearly, with aligned corners, and give a few rows of the result.

    Args:
        image: (N, C, h, w).
        start: First row.
        count: Number of rows.
        size: H and W of the whole result.

    Returns:
        (N, C, count, W): those rows of ``F.interpolate(image, size, mode="bilinear", align_corners=True)``,
        up to rounding.
    """
    height, width = size
    last = image.shape[-2] - 1
    position = torch.arange(start, start + count, device=image.device) * (last / max(height - 1, 1))
    above = position.long().clamp(max=last)
    below = (above + 1).clamp(max=last)
    share = (position - above).to(image.dtype)[:, None]
    rows = torch.lerp(image[..., above, :], image[..., below, :], share)
    return F.interpolate(rows, (count, width), mode="bilinear", align_corners=True)
