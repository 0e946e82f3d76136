from functools import reduce
from operator import add

import torch.nn.functional as F
from torch import Tensor, nn

from mmlle.registry import MODELS

from .mean_one import mean_one

__all__ = ["PerceptualFeatureLoss", "perceptual_feature_loss"]


def perceptual_feature_loss(maps: Tensor, target: Tensor) -> Tensor:
    r"""Distance of two images in a layer of a classifier (Sajjadi et al., ICCV 2017, Eq. 2).

    .. math::
        L = \frac{1}{C H W} \lVert \phi(x) - \phi(y) \rVert_2^2,

    :math:`\phi` the layer's maps, each image's divided by their mean. The paper says that activations have a
    mean of one, not over what; its training code was not published.

    Args:
        maps: (N, C, H, W), the layer's output for the image, taken after a ReLU.
        target: The same for the ground truth.

    Returns:
        Scalar.
    """
    return F.mse_loss(mean_one(maps), mean_one(target))


@MODELS.register_module()
class PerceptualFeatureLoss(nn.Module):
    """Sum of :func:`perceptual_feature_loss` over some layers, times ``loss_weight``.

    Args:
        layer_weights: Factors of the layers by their names in :class:`mmlle.models.VGGFeatures`; 0.2 for
            ``pool2`` and 0.02 for ``pool5`` in the paper's Table 2.
        loss_weight: Factor of the whole.
    """

    def __init__(self, layer_weights: dict[str, float], loss_weight: float = 1.0) -> None:
        super().__init__()
        self.layer_weights = dict(layer_weights)
        self.loss_weight = loss_weight

    def forward(self, features: dict[str, Tensor], target: dict[str, Tensor]) -> Tensor:
        """Compare the maps (N, C, H, W) of images and of their ground truth, by name; a scalar."""
        losses = [
            weight * perceptual_feature_loss(features[layer], target[layer])
            for layer, weight in self.layer_weights.items()
        ]
        return self.loss_weight * reduce(add, losses)
