from collections.abc import Callable
from typing import TypeVar, cast

import torch
from torch import Tensor

from .pad_to_multiple import pad_to_multiple

__all__ = ["tiled_forward"]

Images = TypeVar("Images", Tensor, dict[str, Tensor])

#: Sides of tiles in pixels, multiples of every network's ``size_multiple``. The activations of a small tile
#: fit into a CPU's cache, which makes it fast; a large one only bounds the memory.
CACHE_TILE = 192
MEMORY_TILE = 2048


def tiled_forward(
    function: Callable[[Tensor], Images], image: Tensor, halo: int, scale: int = 1, multiple: int = 1
) -> Images:
    """Apply a function to an image tile by tile: the same result in less memory, and faster on a CPU.

    Args:
        function: (N, C, h, w) to (N, D, scale * h, scale * w), or to several such tensors by name, for any h
            and w. An output pixel depends on no input pixel more than ``halo`` pixels away; beyond the image,
            each layer pads as convolutions do.
        image: (N, C, H, W).
        halo: By how many pixels of the input tiles overlap on each side.
        scale: By how much the function enlarges.
        multiple: Where the function pads its input by reflection to multiples of this number and reduces it,
            tiles begin and end at multiples of it.

    Returns:
        What ``function(image)`` gives, up to rounding.
    """
    halo += -halo % multiple
    # Where the overlap is large beside the tile, computing it again costs more than the cache saves.
    tile = CACHE_TILE if image.is_cpu and 4 * halo <= CACHE_TILE else MEMORY_TILE
    if max(image.shape[-2:]) <= tile + 2 * halo:
        return function(image)

    image, inside = pad_to_multiple(image, multiple)
    height, width = image.shape[-2:]
    side = scale * tile
    results: dict[str, Tensor] = {}
    output: Tensor
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            # At the border of the image, the tile ends too: there the padding of the layers is the right one.
            y, x = max(top - halo, 0), max(left - halo, 0)
            outcome = function(image[..., y : top + tile + halo, x : left + tile + halo])
            parts = outcome if isinstance(outcome, dict) else {"": outcome}
            for name, output in parts.items():
                output = output[..., scale * (top - y) :, scale * (left - x) :][..., :side, :side]
                if name not in results:
                    shape = (*output.shape[:2], scale * height, scale * width)
                    results[name] = torch.empty(shape, dtype=output.dtype, device=output.device)
                results[name][..., scale * top :, scale * left :][..., :side, :side] = output
    rows, columns = (slice(scale * part.start, scale * part.stop) for part in inside)
    results = {name: result[..., rows, columns] for name, result in results.items()}
    return cast(Images, results.get("", results))
