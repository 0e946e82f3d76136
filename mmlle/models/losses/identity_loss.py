from torch import Tensor, nn

from mmlle.registry import MODELS

__all__ = ["IdentityLoss", "identity_loss"]


def identity_loss(enhanced: Tensor, image: Tensor, dark: float = 0.25) -> Tensor:
    r"""What is bright in the image stays as it is.

    .. math:: L = \frac{1}{M} \sum \max\!\left(\frac{\bar I - d}{1 - d}, 0\right) (Y - I)^2

    Of this package: the exposure control loss asks for one brightness everywhere, and a network that sees
    dark photographs most of the time also brightens those that are well exposed.

    Args:
        enhanced: :math:`Y`, (N, 3, H, W).
        image: :math:`I`, (N, 3, H, W) in [0, 1], the input of the enhancement; :math:`\bar I`, the mean of a
            pixel's channels.
        dark: :math:`d`; pixels up to it may become anything, the weight of brighter ones grows to 1 at white.

    Returns:
        Scalar, at least 0.
    """
    weight = ((image.mean(dim=1, keepdim=True) - dark) / (1 - dark)).clamp(min=0)
    return (weight * (enhanced - image).square()).mean()


@MODELS.register_module()
class IdentityLoss(nn.Module):
    """:func:`identity_loss` times ``loss_weight``.

    Args:
        loss_weight: Factor of the loss.
        dark: Means of a pixel's channels up to this one cost nothing, at least 0, below 1.

    Raises:
        ValueError: If ``dark`` is not in [0, 1).
    """

    def __init__(self, loss_weight: float = 1.0, dark: float = 0.25) -> None:
        if not 0 <= dark < 1:
            raise ValueError(f"dark must be at least 0 and below 1, got {dark}.")
        super().__init__()
        self.loss_weight = loss_weight
        self.dark = dark

    def forward(self, enhanced: Tensor, image: Tensor) -> Tensor:
        """Loss of an enhanced (N, 3, H, W) and the image that it comes from, in [0, 1]; a scalar."""
        return self.loss_weight * identity_loss(enhanced, image, self.dark)
