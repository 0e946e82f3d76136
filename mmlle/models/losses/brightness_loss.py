from torch import Tensor, nn

from mmlle.registry import MODELS

__all__ = ["BrightnessLoss", "brightness_loss"]


def brightness_loss(enhanced: Tensor, normal: Tensor) -> Tensor:
    r"""Each enhanced image is, on the whole, about as bright as well-lit images are.

    .. math:: L = \frac{1}{N} \sum_i (\bar Y_i - \bar N)^2,

    :math:`\bar Y_i` the mean of an image, :math:`\bar N` that of all well-lit ones of a batch. Of this
    package: what a discriminator asks for changes in the course of a training, the brightness of all images
    with it, and very dark ones may become the brightest. The square leaves small differences to the other
    losses.

    Args:
        enhanced: :math:`Y`, (N, 3, H, W).
        normal: :math:`N`, (N, 3, H, W) in [0, 1], well-lit images, of other scenes too.

    Returns:
        Scalar, at least 0.
    """
    return (enhanced.mean(dim=(1, 2, 3)) - normal.mean()).square().mean()


@MODELS.register_module()
class BrightnessLoss(nn.Module):
    """:func:`brightness_loss` times ``loss_weight``.

    Args:
        loss_weight: Factor of the loss.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, enhanced: Tensor, normal: Tensor) -> Tensor:
        """Loss of enhanced (N, 3, H, W) and well-lit images, in [0, 1]; a scalar."""
        return self.loss_weight * brightness_loss(enhanced, normal)
