import numpy as np
from torch import Tensor

__all__ = ["tensor_to_image"]


def tensor_to_image(tensor: Tensor) -> np.ndarray:
    """Round a tensor to an 8-bit image.

    Args:
        tensor: (C, H, W) in [0, 255]; what lies outside is clipped.

    Returns:
        (H, W, C) uint8.
    """
    return tensor.detach().round().clamp(0, 255).byte().permute(1, 2, 0).cpu().numpy()
