import torch.nn.functional as F
from torch import Tensor, nn

from mmlle.registry import MODELS

from .region_mean import channel_region_mean

__all__ = ["ColorPreservationLoss", "color_preservation_loss"]


def color_preservation_loss(
    enhanced: Tensor, image: Tensor, region_size: int = 8, black: float = 0.02
) -> Tensor:
    r"""Every region keeps the direction of its colour in RGB while it is brightened.

    .. math::
        L = \frac{1}{M} \sum_k \big( 1 - \cos \angle (Y_k + b, I_k + b) \big),

    :math:`Y_k` and :math:`I_k` the mean colours of a region of the enhanced and of the input image. The
    colour loss of Wang et al., CVPR 2019 (DeepUPE), which takes the angle at each pixel, against
    the ground truth; here there is none, so the input is what the colour is compared with, and it is averaged
    over regions first, because in the dark the colour of a pixel is mostly noise. For the same reason
    :math:`b` makes what is almost black count as grey.

    Args:
        enhanced: (N, 3, H, W) in [0, 1].
        image: (N, 3, H, W) in [0, 1], the input of the enhancement.
        region_size: Side of a region in pixels.
        black: :math:`b`, in [0, 1].

    Returns:
        Scalar in [0, 2]; 0 if the channels of a region are all multiplied by the same number (and b is 0).

    Raises:
        ImageSizeError: If the images are smaller than one region.
    """
    output, given = (channel_region_mean(x, region_size) + black for x in (enhanced, image))
    return 1 - F.cosine_similarity(output, given, dim=1).mean()


@MODELS.register_module()
class ColorPreservationLoss(nn.Module):
    """:func:`color_preservation_loss` times ``loss_weight``.

    Args:
        loss_weight: Factor of the loss.
        region_size: Side of a region in pixels.
        black: What is added to every channel, in [0, 1], so that what is almost black counts as grey.
    """

    def __init__(self, loss_weight: float = 1.0, region_size: int = 8, black: float = 0.02) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.region_size = region_size
        self.black = black

    def forward(self, enhanced: Tensor, image: Tensor) -> Tensor:
        """Loss of an enhanced (N, 3, H, W) and the image that it comes from, in [0, 1]; a scalar."""
        return self.loss_weight * color_preservation_loss(enhanced, image, self.region_size, self.black)
