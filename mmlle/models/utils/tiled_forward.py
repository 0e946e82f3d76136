from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["tiled_forward"]

#: Sides of tiles in pixels. On a CPU a tile's activations fit into the cache, which makes it fast; on a GPU
#: tiles only bound the memory.
CPU_TILE = 192
GPU_TILE = 2048


def tiled_forward(function: Callable[[Tensor], Tensor], image: Tensor, halo: int, scale: int = 1) -> Tensor:
    """Apply a function to an image tile by tile: the same result in less memory, and sooner on a CPU.

    Args:
        function: (N, C, h, w) to (N, D, scale * h, scale * w), for any h and w. An output pixel depends on no
            input pixel more than ``halo`` pixels away; what is beyond the image each layer makes up of the
            border, as convolutions do.
        image: (N, C, H, W).
        halo: By how many pixels of the input tiles overlap on each side.
        scale: By how much the function enlarges.

    Returns:
        (N, D, scale * H, scale * W), equal to ``function(image)`` up to rounding.
    """
    tile = CPU_TILE if image.device.type == "cpu" else GPU_TILE
    height, width = image.shape[-2:]
    if max(height, width) <= tile + 2 * halo:
        return function(image)
    side = scale * tile
    result = None
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            # Where the image ends, so does the tile: there the padding of the layers is the right one.
            y, x = max(top - halo, 0), max(left - halo, 0)
            outcome = function(image[..., y : top + tile + halo, x : left + tile + halo])
            inside = outcome[..., scale * (top - y) :, scale * (left - x) :][..., :side, :side]
            if result is None:
                shape = (*inside.shape[:2], scale * height, scale * width)
                result = torch.empty(shape, dtype=inside.dtype, device=inside.device)
            rows, columns = slice(scale * top, scale * top + side), slice(scale * left, scale * left + side)
            result[..., rows, columns] = inside
    return result
