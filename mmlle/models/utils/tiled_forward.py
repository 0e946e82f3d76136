import logging
from collections.abc import Callable
from typing import TypeVar, cast

import torch
from mmengine.logging import print_log
from torch import Tensor

from mmlle.utils.allocator import return_freed_memory
from mmlle.utils.tiles import apply_in_tiles, free_memory, tile_side

from .pad_to_multiple import pad_to_multiple

__all__ = ["tiled_forward"]

#: Bytes of activations from which a tile is large: computing it takes much longer than clearing its memory.
LARGE = 2**27

Images = TypeVar("Images", Tensor, dict[str, Tensor])


def tiled_forward(
    function: Callable[..., Images],
    *images: Tensor,
    halo: int,
    scale: int = 1,
    multiple: int = 1,
    pixel_bytes: int = 1024,
) -> Images:
    """Apply a function to images tile by tile: the same result in less memory, and faster on a CPU.

    The size of the tiles follows the CPU's cache and the free memory; where the memory does not suffice all
    the same, it is halved.

    Args:
        function: As many (N, C, h, w) as there are images to (N, D, scale * h, scale * w), or to several such
            tensors by name, for any h and w. An output pixel depends on no input pixel more than ``halo``
            pixels away; beyond the image, each layer pads as convolutions do.
        images: (N, C, H, W), of one H and W.
        halo: By how many pixels of the input tiles overlap on each side.
        scale: By how much the function enlarges.
        multiple: Where the function pads its input by reflection to multiples of this number and reduces it,
            tiles begin and end at multiples of it.
        pixel_bytes: Bytes that the function's activations take for each pixel of a tile.

    Returns:
        What ``function(*images)`` gives, up to rounding.
    """
    halo += -halo % multiple
    device = images[0].device
    memory = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else free_memory()
    held = sum(image.nbytes for image in images) + scale**2 * images[0].nbytes
    side = tile_side(halo, len(images[0]) * pixel_bytes, memory, device.type == "cpu", held)
    padded = [pad_to_multiple(image, multiple) for image in images]

    def empty(part: Tensor, size: tuple[int, int]) -> Tensor:
        shape = (*part.shape[:2], *size)
        return torch.empty(shape, dtype=part.dtype, device=part.device, memory_format=torch.channels_last)

    def on_shrink(side: int) -> None:
        message = f"Out of memory: going on in tiles of {side}x{side} pixels."
        print_log(message, "current", logging.WARNING)
        if device.type == "cuda":
            torch.cuda.empty_cache()

    def of_tile(*parts: Tensor) -> Images:
        outcome = function(*parts)
        if device.type == "cpu" and parts[0][:, 0].numel() * pixel_bytes >= LARGE:
            # Kept for the next tile, of another size, it would be full of holes.
            return_freed_memory()
        return outcome

    result = apply_in_tiles(of_tile, [image for image, _ in padded], side, halo, scale, empty, on_shrink)
    rows, columns = (slice(scale * part.start, scale * part.stop) for part in padded[0][1])
    if isinstance(result, dict):
        return cast(Images, {name: image[..., rows, columns] for name, image in result.items()})
    return cast(Images, result[..., rows, columns])
