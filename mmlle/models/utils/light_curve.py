from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from mmlle.utils.errors import OptionError

__all__ = ["apply_light_curve"]

# So many values of an image stay in a core's cache through all steps; with more, PyTorch would also spread
# each tiny operation over the cores.
_BLOCK = 2**15


def apply_light_curve(image: Tensor, maps: Tensor, steps: int = 8, order: int = 2) -> Tensor:
    r"""Brighten an image step by step along a curve: :math:`x \leftarrow x + r (x^k - x)`.

    The light-enhancement curve of Zero-DCE (Guo et al., CVPR 2020, Eq. 2), a map for each step, and the
    recurrent image enhancement of SGZ (Zheng & Gupta, WACVW 2022, Sec. 3.2), the same map in all steps.

    Args:
        image: (N, 3, H, W) in [0, 1], or (1, 3, H, W) for all maps.
        maps: (N, 3, H, W), the same :math:`r` in all steps, or (N, 3 * steps, H, W), one after the other, or
            (N, 1, H, W), the same in all channels too; in [-1, 1].
        steps: Number of steps.
        order: :math:`k`. 2 keeps [0, 1] within [0, 1]; 1 changes nothing; 3 and 4 are for ablations.

    Returns:
        (N, 3, H, W).

    Raises:
        OptionError: If the number of maps is none of 1, 3 and 3 * steps.
    """
    if maps.shape[1] not in (1, 3, 3 * steps):
        raise OptionError(
            f"A curve of {steps} steps needs 1, 3 or {3 * steps} maps, got {maps.shape[1]}: the network's "
            "number of output channels and the model's `steps` do not fit."
        )
    # On a GPU many small blocks are slower than few large ones; so they are on a CPU where each step reads
    # every eighth set of channels. A traced graph should hold no loop over blocks.
    traced = torch.jit.is_tracing() or torch.compiler.is_compiling()
    if image.is_cpu and maps.shape[1] <= 3 and not traced:
        return _CurveInBlocks.apply(image.expand(len(maps), -1, -1, -1), maps, steps, order)
    return _curve(image, maps, steps, order)


def _curve(image: Tensor, maps: Tensor, steps: int, order: int) -> Tensor:
    each_step = maps.split(3, dim=1)
    for step in range(steps):
        image = image + each_step[step % len(each_step)] * (image**order - image)
    return image


def _curve_in_place(image: Tensor, maps: Tensor, steps: int) -> Tensor:
    """:func:`_curve` of order 2 in fewer operations, a few rows of an image at a time."""
    for block in _blocks(image, 4 * _BLOCK):
        # Photographs come with their channels last, maps do not: arithmetic on both would take twice as long.
        x, r = image[block].contiguous(), maps[block].contiguous()
        rest, factor = 1 - r, torch.empty_like(x)
        for _ in range(steps):
            torch.addcmul(rest, r, x, out=factor)  # x + r (x^2 - x) = x (1 - r + r x)
            x.mul_(factor)
        image[block] = x
    return image


class _CurveInBlocks(torch.autograd.Function):
    """:func:`_curve`, a few rows of an image at a time; backward computes the steps again.

    Each of the many element-wise operations would otherwise move the whole batch through main memory.
    """

    @staticmethod
    def forward(ctx: Any, image: Tensor, maps: Tensor, steps: int, order: int) -> Tensor:
        ctx.save_for_backward(image, maps)
        ctx.curve = steps, order
        if order == 2 and not any(ctx.needs_input_grad):
            return _curve_in_place(image.to(torch.result_type(image, maps), copy=True), maps, steps)
        out = torch.empty_like(image, dtype=torch.result_type(image, maps))
        for block in _blocks(image, _BLOCK):
            out[block] = _curve(image[block], maps[block], steps, order)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs = ctx.saved_tensors
        wanted = [index for index in (0, 1) if ctx.needs_input_grad[index]]
        gradients = {index: torch.empty_like(inputs[index]) for index in wanted}
        for block in _blocks(gradient, _BLOCK):
            parts = [tensor[block].detach() for tensor in inputs]
            asked = [parts[index].requires_grad_() for index in wanted]
            with torch.enable_grad():
                out = _curve(*parts, *ctx.curve)
            for index, part in zip(wanted, torch.autograd.grad(out, asked, gradient[block]), strict=True):
                gradients[index][block] = part
        return gradients.get(0), gradients.get(1), None, None


def _blocks(image: Tensor, values: int) -> list[tuple[slice, ...]]:
    """Cut (N, C, H, W) into a few rows of one image each."""
    batch, channels, height, width = image.shape
    rows = max(1, values // max(1, channels * width))
    starts = product(range(batch), range(0, height, rows))
    return [(slice(n, n + 1), slice(None), slice(y, y + rows)) for n, y in starts]
