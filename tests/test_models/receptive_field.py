"""How far the input pixels that an output pixel depends on are away from it."""

import torch
from torch import Tensor, nn


@torch.no_grad()
def measured_radius(network: nn.Module, size: int, scale: int = 1) -> int:
    """Change the upper rows of an image and see how far below them the output changes.

    The convolutions' weights are made positive and alike, so that no activation stops the change and nothing
    cancels out.

    Args:
        network: The network; its weights are changed.
        size: Side of the image; more than twice the radius.
        scale: By how much the network enlarges.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.constant_(module.weight, 1 / module.weight[0].numel())
            nn.init.constant_(module.bias, 0.01)
    network.double().eval()
    image = torch.rand(1, 3, size, 16, dtype=torch.float64)
    before = outputs(network, image)
    radius = 0
    # Where a network reduces the image, the position within its grid makes a difference.
    for rows in range(size // 2, size // 2 + getattr(network, "size_multiple", 1)):
        changed = image.clone()
        changed[..., :rows, :] += 1
        for after, reference in zip(outputs(network, changed), before, strict=True):
            last = (after != reference).nonzero()[:, 2].max().item() // scale
            radius = max(radius, last - (rows - 1))
    return radius


def outputs(network: nn.Module, image: Tensor) -> tuple[Tensor, ...]:
    result = network(image)
    return result if isinstance(result, tuple) else (result,)
