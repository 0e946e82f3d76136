from functools import reduce
from operator import add

import torch.nn.functional as F
from torch import Tensor, nn

from mmlle.registry import MODELS

from .region_mean import region_mean

__all__ = ["SpatialConsistencyLoss", "spatial_consistency_loss"]


def spatial_consistency_loss(
    enhanced: Tensor, image: Tensor, region_size: int = 4, diagonal_weight: float = 0.5
) -> Tensor:
    r"""Neighbouring regions keep their difference in brightness.

    With :math:`Y` and :math:`I` the mean grey values of regions of the enhanced and of the input image,

    .. math::
        L = \frac{1}{K} \sum_i \Big( \sum_{j \in \omega(i)} ((Y_i - Y_j) - (I_i - I_j))^2
            + \alpha \sum_{j \in \psi(i)} ((Y_i - Y_j) - (I_i - I_j))^2 \Big),

    :math:`\omega` the four direct and :math:`\psi` the four diagonal neighbours. Beyond the border, regions
    count as zero, as in the original code (a convolution with zero padding). :math:`\alpha = 0.5` is SGZ's
    (Zheng & Gupta, WACVW 2022, Sec. 3.4); :math:`\alpha = 0` is Zero-DCE's (Guo et al., CVPR 2020, Eq. 4;
    the paper writes the difference of absolute values, its code the signed one, which is followed here).

    Args:
        enhanced: (N, C, H, W) in [0, 1].
        image: (N, C, H, W) in [0, 1], the input of the enhancement.
        region_size: Side of a region in pixels.
        diagonal_weight: :math:`\alpha`.

    Returns:
        Scalar.

    Raises:
        ImageSizeError: If the images are smaller than one region.
    """
    # The differences are linear in the images, so those of Y - I serve for both at once.
    change = region_mean(enhanced - image, region_size)
    height, width = change.shape[-2:]
    padded = F.pad(change, (1, 1, 1, 1))

    def squared_difference(dy: int, dx: int) -> Tensor:
        neighbour = padded[..., 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
        return (change - neighbour).square().mean()

    direct = reduce(add, (squared_difference(dy, dx) for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1))))
    if not diagonal_weight:
        return direct
    diagonal = reduce(add, (squared_difference(dy, dx) for dy in (-1, 1) for dx in (-1, 1)))
    return direct + diagonal_weight * diagonal


@MODELS.register_module()
class SpatialConsistencyLoss(nn.Module):
    """:func:`spatial_consistency_loss` times ``loss_weight``.

    Args:
        loss_weight: Factor of the loss.
        region_size: Side of a region in pixels.
        diagonal_weight: Weight of the four diagonal neighbours; 0.5 in SGZ, 0 in Zero-DCE.
    """

    def __init__(self, loss_weight: float = 1.0, region_size: int = 4, diagonal_weight: float = 0.5) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.region_size = region_size
        self.diagonal_weight = diagonal_weight

    def forward(self, enhanced: Tensor, image: Tensor) -> Tensor:
        """Loss of an enhanced (N, C, H, W) and its input image, both in [0, 1]; a scalar."""
        return self.loss_weight * spatial_consistency_loss(
            enhanced, image, self.region_size, self.diagonal_weight
        )
