import copy

import torch
from mmcv.cnn.utils import fuse_conv_bn
from torch import nn

__all__ = ["fuse_batch_norm"]


def fuse_batch_norm(network: nn.Module) -> nn.Module:
    """Fold the batch normalisations of a frozen network into the convolutions before them.

    MMCV goes by the order in which layers were registered, which need not be the one in which they are
    called; so the outcome is compared with the network on an image, and given only if it is the same.

    Args:
        network: Turns (1, 3, 128, 128) into a tensor. It is left as it is, but for being in eval mode.

    Returns:
        A copy with fewer layers, or the network itself where that cannot be.
    """
    network.eval()
    if not any(isinstance(module, nn.BatchNorm2d) for module in network.modules()):
        return network
    fused = fuse_conv_bn(copy.deepcopy(network))
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, 3, 128, 128, generator=generator).to(next(network.parameters()))
    with torch.no_grad():
        expected, found = network(image), fused(image)
    error = (found - expected).abs().max()
    return fused if error <= 1e-4 * expected.abs().max() else network
