import logging
from collections.abc import Callable
from typing import TypeVar, cast

import torch
from mmengine.logging import print_log
from torch import Tensor

from mmlle.utils.tiles import STEP, free_memory, plan_tiles, tile_side

from .pad_to_multiple import pad_to_multiple

__all__ = ["tiled_forward"]

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
    side = tile_side(halo, len(images[0]) * pixel_bytes, memory, device.type == "cpu")
    while True:
        try:
            return _in_tiles(function, images, side, halo, scale, multiple)
        except RuntimeError as error:
            if side == STEP or not _is_out_of_memory(error):
                raise
        side = max(side // 2 - side // 2 % STEP, STEP)
        print_log(f"Out of memory: going on in tiles of {side}x{side} pixels.", "current", logging.WARNING)
        if device.type == "cuda":
            torch.cuda.empty_cache()


def _in_tiles(
    function: Callable[..., Images],
    images: tuple[Tensor, ...],
    side: int,
    halo: int,
    scale: int,
    multiple: int,
) -> Images:
    if max(images[0].shape[-2:]) <= side + 2 * halo:
        return function(*images)
    padded = [pad_to_multiple(image, multiple) for image in images]
    images, inside = tuple(image for image, _ in padded), padded[0][1]
    height, width = images[0].shape[-2:]
    results: dict[str, Tensor] = {}
    part: Tensor
    for tile in plan_tiles(height, width, side, halo, scale):
        outcome = function(*(image[(...,) + tile.source] for image in images))
        for name, part in (outcome if isinstance(outcome, dict) else {"": outcome}).items():
            if name not in results:
                shape = (*part.shape[:2], scale * height, scale * width)
                results[name] = torch.empty(
                    shape, dtype=part.dtype, device=part.device, memory_format=torch.channels_last
                )
            results[name][(...,) + tile.target] = part[(...,) + tile.inside]
    rows, columns = (slice(scale * part.start, scale * part.stop) for part in inside)
    results = {name: result[..., rows, columns] for name, result in results.items()}
    return cast(Images, results.get("", results))


def _is_out_of_memory(error: RuntimeError) -> bool:
    # PyTorch's allocator for the CPU has no exception of its own.
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)
