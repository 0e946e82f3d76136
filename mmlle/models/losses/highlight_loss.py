from torch import Tensor, nn

from mmlle.registry import MODELS

__all__ = ["HighlightLoss", "highlight_loss"]


def highlight_loss(enhanced: Tensor, image: Tensor, white: float = 0.9, unburnt: float = 0.78) -> Tensor:
    r"""What is not burnt out in the image is not in its enhancement.

    .. math:: L = \frac{1}{M} \sum [I < u] \max(Y - w, 0)

    Of this package: the other losses of Zero-DCE and SGZ look at means of regions, and a network that
    brightens the dark in a bright region is not told of the sky that it burns.

    Args:
        enhanced: :math:`Y`, (N, 3, H, W).
        image: :math:`I`, (N, 3, H, W) in [0, 1], the input of the enhancement.
        white: :math:`w`; values up to it cost nothing.
        unburnt: :math:`u`; values of the input from it on may become anything.

    Returns:
        Scalar, at least 0.
    """
    return ((enhanced - white).clamp(min=0) * (image < unburnt)).mean()


@MODELS.register_module()
class HighlightLoss(nn.Module):
    """:func:`highlight_loss` times ``loss_weight``.

    Args:
        loss_weight: Factor of the loss.
        white: Values of the output up to this one cost nothing.
        unburnt: Values of the input from this one on may become anything.
    """

    def __init__(self, loss_weight: float = 1.0, white: float = 0.9, unburnt: float = 0.78) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.white = white
        self.unburnt = unburnt

    def forward(self, enhanced: Tensor, image: Tensor) -> Tensor:
        """Loss of an enhanced (N, 3, H, W) and the image that it comes from, in [0, 1]; a scalar."""
        return self.loss_weight * highlight_loss(enhanced, image, self.white, self.unburnt)
