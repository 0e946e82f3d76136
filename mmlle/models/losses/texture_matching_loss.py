from functools import reduce
from operator import add

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmlle.registry import MODELS

from .mean_one import mean_one

__all__ = ["TextureMatchingLoss", "patch_grams", "texture_matching_loss"]


def patch_grams(maps: Tensor, patch_size: int) -> Tensor:
    r"""Gram matrices of square patches: :math:`G_{ij} = \sum_p F_{ip} F_{jp}` over the positions of a patch.

    Args:
        maps: (N, C, H, W).
        patch_size: Side of a patch. Where it does not divide a side, the last patches, at the bottom and on
            the right, are what is left.

    Returns:
        (N, P, C, C), P the number of patches, row by row.
    """
    bottom, right = (-side % patch_size for side in maps.shape[-2:])
    # Zeros add nothing to the sums.
    maps = F.pad(maps, (0, right, 0, bottom))
    patches = maps.unflatten(3, (-1, patch_size)).unflatten(2, (-1, patch_size))  # (N, C, y, p, x, p)
    patches = patches.permute(0, 2, 4, 1, 3, 5).flatten(4).flatten(1, 2)  # (N, P, C, p * p)
    # In half precision the sums would lose what they differ in.
    with torch.autocast(maps.device.type, enabled=False):
        return patches @ patches.mT


def texture_matching_loss(maps: Tensor, target: Tensor, patch_size: int = 16) -> Tensor:
    r"""Each place of an image has the texture that the ground truth has there.

    .. math::
        L = \frac{1}{P C^2} \sum_k \lVert G(\phi_k(x)) - G(\phi_k(y)) \rVert_2^2

    (Sajjadi et al., ICCV 2017, Eq. 3), :math:`\phi_k` the k-th patch of a layer's maps, each image's maps
    divided by their mean, :math:`G` its Gram matrix. The paper writes the norm without saying what it is
    averaged over, and its training code was not published; here it is a mean.

    Args:
        maps: (N, C, H, W), the layer's output for the image, taken after a ReLU.
        target: The same for the ground truth.
        patch_size: Side of a patch, in positions of the layer's maps; see :func:`patch_grams` for sides that
            are not multiples of it.

    Returns:
        Scalar; zero for equal images.
    """
    return F.mse_loss(patch_grams(mean_one(maps), patch_size), patch_grams(mean_one(target), patch_size))


@MODELS.register_module()
class TextureMatchingLoss(nn.Module):
    """Sum of :func:`texture_matching_loss` over some layers, times ``loss_weight``.

    Args:
        layer_weights: Factors of the layers by their names in :class:`mmlle.models.VGGFeatures`. The paper's
            Table 2: 3e-7 for conv1_1, 1e-6 for conv2_1 and conv3_1. Their ReLU belongs to them, as in the
            style transfer that the loss comes from: ``relu1_1``, ``relu2_1``, ``relu3_1``.
        patch_size: Side of a patch, in positions of the maps.
        loss_weight: Factor of the whole.
    """

    def __init__(
        self, layer_weights: dict[str, float], patch_size: int = 16, loss_weight: float = 1.0
    ) -> None:
        super().__init__()
        self.layer_weights = dict(layer_weights)
        self.patch_size = patch_size
        self.loss_weight = loss_weight

    def forward(self, features: dict[str, Tensor], target: dict[str, Tensor]) -> Tensor:
        """Compare the maps (N, C, H, W) of images and of their ground truth, by name; a scalar."""
        losses = [
            weight * texture_matching_loss(features[layer], target[layer], self.patch_size)
            for layer, weight in self.layer_weights.items()
        ]
        return self.loss_weight * reduce(add, losses)
