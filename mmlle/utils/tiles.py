"""Tiles of an image: which overlap, how large they are, and what becomes of their results.

Only the standard library is needed, so that every backend can use it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from .errors import is_out_of_memory

__all__ = ["Tile", "apply_in_tiles", "free_memory", "plan_tiles", "tile_side"]

#: Sides of tiles are multiples of this number of pixels, which is one of every network's ``size_multiple``.
STEP = 64
#: Largest side of a tile whose activations fit into a CPU's cache.
CACHE_SIDE = 256
#: Bytes of its activations for each byte of the cache. With 32 MiB SGZ's tiles have sides of 192 and those of
#: PairLIE sides of 256, where they are the fastest.
CACHE_EXCESS = 1.75
#: Least side of such a tile, in halos, since what tiles overlap by is computed twice.
CACHE_HALOS = 16
#: Memory that the activations of a tile may take, at most, less what the images take, but not less than the
#: second value; and the share of the free memory.
MAX_ACTIVATIONS, MIN_ACTIVATIONS, FREE_SHARE = 3 * 2**28, 2**28, 4


class Tile(NamedTuple):
    """A part of an image, each member a slice of rows and one of columns.

    Attributes:
        source: What the function gets: the part with its surroundings.
        inside: The part in the function's result.
        target: The part in the result of the whole image.
    """

    source: tuple[slice, slice]
    inside: tuple[slice, slice]
    target: tuple[slice, slice]


def plan_tiles(height: int, width: int, side: int, halo: int, scale: int = 1) -> Iterator[Tile]:
    """Cut an image into tiles, row by row.

    At the border of the image a tile ends too: there the padding of the layers is the right one.

    Args:
        height: Of the image, in pixels.
        width: Of the image, in pixels.
        side: Of a tile without its surroundings.
        halo: By how many pixels a tile reaches into its neighbours on each side.
        scale: By how much the function enlarges.
    """
    columns = list(_intervals(width, side, halo, scale))
    for rows in _intervals(height, side, halo, scale):
        for column in columns:
            yield Tile(*zip(rows, column, strict=True))


def _intervals(length: int, side: int, halo: int, scale: int) -> Iterator[tuple[slice, slice, slice]]:
    for start in range(0, length, side):
        stop = min(start + side, length)
        first = max(start - halo, 0)
        yield (
            slice(first, min(stop + halo, length)),
            slice(scale * (start - first), scale * (stop - first)),
            slice(scale * start, scale * stop),
        )


def apply_in_tiles(
    function: Callable[..., Any],
    images: Sequence[Any],
    side: int,
    halo: int,
    scale: int,
    empty: Callable[[Any, tuple[int, int]], Any],
    on_shrink: Callable[[int], object],
) -> Any:
    """Apply a function to images tile by tile; where memory does not suffice, in tiles of half the side.

    Images are arrays or tensors (N, C, H, W) of one H and W, at most a little larger than a tile for the
    function to get them whole.

    Args:
        function: As many (N, C, h, w) as there are images to (N, D, scale * h, scale * w), or to several such
            by name.
        images: The images.
        side: See :func:`plan_tiles`.
        halo: See :func:`plan_tiles`.
        scale: See :func:`plan_tiles`.
        empty: Makes an array like a result of the function, of another height and width.
        on_shrink: Told the side of the smaller tiles, before they are tried.

    Returns:
        What ``function(*images)`` gives, up to rounding.
    """
    while True:
        try:
            return _apply_in_tiles(function, images, side, halo, scale, empty)
        except Exception as error:
            if side <= STEP or not is_out_of_memory(error):
                raise
        side = max(side // 2 - side // 2 % STEP, STEP)
        on_shrink(side)


def _apply_in_tiles(
    function: Callable[..., Any],
    images: Sequence[Any],
    side: int,
    halo: int,
    scale: int,
    empty: Callable[[Any, tuple[int, int]], Any],
) -> Any:
    height, width = images[0].shape[-2:]
    if max(height, width) <= side + 2 * halo:
        return function(*images)
    results: dict[str, Any] = {}
    for tile in plan_tiles(height, width, side, halo, scale):
        source, target, inside = ((..., *part) for part in (tile.source, tile.target, tile.inside))
        outcome = function(*(image[source] for image in images))
        for name, part in (outcome if isinstance(outcome, dict) else {"": outcome}).items():
            if name not in results:
                results[name] = empty(part, (scale * height, scale * width))
            results[name][target] = part[inside]
    return results.get("", results)


def tile_side(halo: int, pixel_bytes: int, memory: int, on_cpu: bool, held: int = 0) -> int:
    """Choose the side of tiles.

    The activations of a small tile fit into a CPU's cache, which makes it fast. Where the overlap is large
    beside such a tile, computing it again costs more than the cache saves; then, and on other devices, a
    tile is as large as the memory allows.

    Args:
        halo: By how many pixels tiles overlap on each side.
        pixel_bytes: Bytes that the activations take for each pixel of a tile.
        memory: Free memory of the device, in bytes.
        on_cpu: Whether the device is a CPU.
        held: Bytes that the images and their results take.

    Returns:
        The side in pixels, a multiple of 64.
    """
    budget = memory // FREE_SHARE
    if on_cpu:
        budget = min(budget, max(MAX_ACTIVATIONS - held, MIN_ACTIVATIONS))
    side = math.isqrt(budget // pixel_bytes) - 2 * halo
    least = CACHE_HALOS * halo
    if on_cpu and least <= CACHE_SIDE:
        cached = math.isqrt(int(CACHE_EXCESS * cache_size() / pixel_bytes))
        side = min(side, CACHE_SIDE, max(cached, least + -least % STEP))
    return max(side - side % STEP, STEP)


@cache
def cache_size() -> int:
    """Bytes of the largest cache of the CPU; 32 MiB where the system does not say."""
    sizes = []
    for file in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        try:
            sizes.append(int(file.read_text().strip().removesuffix("K")) * 2**10)
        except (OSError, ValueError):
            continue
    return max(sizes, default=2**25)


def free_memory() -> int:
    """Bytes of main memory that are free, or can be freed; 4 GiB where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        available = next(int(line.split()[1]) * 2**10 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError, IndexError):
        return 2**32
    return min([available, *_memory_limit()])


def _memory_limit() -> list[int]:
    """What the container of this process may still take, if it has a limit (cgroup v2)."""
    folder = Path("/sys/fs/cgroup")
    try:
        return [int((folder / "memory.max").read_text()) - int((folder / "memory.current").read_text())]
    except (OSError, ValueError):  # "max"
        return []
