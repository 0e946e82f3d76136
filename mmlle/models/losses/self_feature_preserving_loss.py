from functools import reduce
from operator import add

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from mmlle.registry import MODELS

__all__ = ["SelfFeaturePreservingLoss", "self_feature_preserving_loss"]


def self_feature_preserving_loss(enhanced: Tensor, image: Tensor, instance_norm: bool = True) -> Tensor:
    r"""The enhanced image keeps the features of the image that it comes from.

    .. math::
        L = \frac{1}{M} \sum (\phi(Y) - \phi(I))^2,

    with :math:`\phi` a map of a classification network, each of its channels normalised to zero mean and unit
    variance over an image: brightness may change, structure may not. EnlightenGAN, Eq. 7 (Jiang et al., TIP
    2021). The paper speaks of no normalisation and averages over positions only, the code normalises and
    averages over channels too.

    Args:
        enhanced: (N, C, h, w), a map of the enhanced image.
        image: (N, C, h, w), the same map of the input image.
        instance_norm: Whether the maps are normalised.

    Returns:
        Scalar.
    """
    if instance_norm:
        enhanced, image = F.instance_norm(enhanced), F.instance_norm(image)
    return F.mse_loss(enhanced, image)


@MODELS.register_module()
class SelfFeaturePreservingLoss(BaseModule):
    """:func:`self_feature_preserving_loss` of a frozen network's maps, times ``loss_weight``.

    Args:
        features: Config of the network, :class:`VGGFeatures`; its maps all count the same. relu5_1 of VGG-16
            in the paper, in the code with Caffe's weights, without subtracting the means and without the pool
            before block 5.
        loss_weight: Factor of the loss.
        instance_norm: Whether the maps are normalised.
    """

    def __init__(self, features: dict, loss_weight: float = 1.0, instance_norm: bool = True) -> None:
        super().__init__()
        self.features = MODELS.build(features)
        self.loss_weight = loss_weight
        self.instance_norm = instance_norm

    def forward(self, enhanced: Tensor, image: Tensor) -> Tensor:
        """Loss of an enhanced (N, 3, H, W) and the image that it comes from, RGB in [0, 1]; a scalar.

        Gradient goes to the enhanced image alone.
        """
        with torch.no_grad():
            wanted = self.features(image)
        losses = [
            self_feature_preserving_loss(found.float(), wanted[name].float(), self.instance_norm)
            for name, found in self.features(enhanced).items()
        ]
        return self.loss_weight * reduce(add, losses) / len(losses)
