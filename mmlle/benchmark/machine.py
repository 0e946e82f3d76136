"""What a machine can do at most: arithmetic of convolutions, and copying."""

import time
from collections.abc import Callable
from typing import NamedTuple

import torch
from mmengine.device import get_device
from torch.nn import functional as F

__all__ = ["MachineLimits", "measure_limits"]


class MachineLimits(NamedTuple):
    """Limits as measured.

    Attributes:
        flops: Operations a second of a 3×3 convolution, a multiply-add being two.
        bandwidth: Bytes a second that a copy reads and writes.
    """

    flops: float
    bandwidth: float


@torch.inference_mode()
def measure_limits(
    channels: int = 64, side: int = 256, megabytes: int = 256, repeats: int = 5
) -> MachineLimits:
    """Time a 3×3 convolution, channels-last, and a copy, on the device and threads that PyTorch uses.

    Args:
        channels: In and out of the convolution.
        side: Height and width of its image.
        megabytes: What is copied; well above a CPU's cache.
        repeats: Of which the fastest counts.
    """
    layout = dict(device=get_device(), memory_format=torch.channels_last)
    image = torch.rand(1, channels, side, side).to(**layout)
    weight = torch.rand(channels, channels, 3, 3).to(**layout)
    source = torch.zeros(megabytes * 2**18, device=get_device())
    target = torch.zeros_like(source)
    operations = 2 * 9 * channels**2 * side**2
    return MachineLimits(
        operations / _fastest(lambda: F.conv2d(image, weight, padding=1), repeats),
        2 * source.nbytes / _fastest(lambda: target.copy_(source), repeats),
    )


def _fastest(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats + 1):  # the first one warms up
        start = time.perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return min(times[1:])
