"""Tiles of an image: which overlap, how large they are, and where their results belong.

Only the standard library is needed, so that every backend can use it.
"""

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Tile", "free_memory", "plan_tiles", "tile_side"]

#: Sides of tiles are multiples of this number of pixels, which is one of every network's ``size_multiple``.
STEP = 64
#: Sides of tiles whose activations fit into a CPU's cache: from and to.
CACHE_SIDES = 128, 512
#: Bytes of cache for each pixel of such a tile: sides of 192 with 32 MiB, where that is the fastest.
CACHE_BYTES = 896
#: Memory that the activations of a tile may take, at most, and the share of the free memory.
MAX_ACTIVATIONS, FREE_SHARE = 3 * 2**28, 4


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


def tile_side(halo: int, pixel_bytes: int, memory: int, on_cpu: bool) -> int:
    """Choose the side of tiles.

    The activations of a small tile fit into a CPU's cache, which makes it fast. Where the overlap is large
    beside such a tile, computing it again costs more than the cache saves; then, and on other devices, a
    tile is as large as the memory allows.

    Args:
        halo: By how many pixels tiles overlap on each side.
        pixel_bytes: Bytes that the activations take for each pixel of a tile.
        memory: Free memory of the device, in bytes.
        on_cpu: Whether the device is a CPU.

    Returns:
        The side in pixels, a multiple of 64.
    """
    budget = memory // FREE_SHARE
    if on_cpu:
        budget = min(budget, MAX_ACTIVATIONS)
    side = math.isqrt(budget // pixel_bytes) - 2 * halo
    if on_cpu:
        cached = min(max(math.isqrt(cache_size() // CACHE_BYTES), CACHE_SIDES[0]), CACHE_SIDES[1])
        if 4 * halo <= cached:
            side = min(side, cached)
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
