from torch import Tensor

from mmlle.models import SGZ
from mmlle.registry import MODELS

__all__ = ["HighlightSGZ", "burning_loss"]


def burning_loss(enhanced: Tensor, image: Tensor, white: float = 0.9, unburnt: float = 0.78) -> Tensor:
    """How far an enhancement drives what was not burnt out beyond a limit.

    Args:
        enhanced: (N, 3, H, W).
        image: (N, 3, H, W) in [0, 1], the input of the enhancement.
        white: Values up to this one cost nothing.
        unburnt: Values of the input from this one on may become anything.

    Returns:
        Scalar, at least 0: the mean excess.
    """
    return ((enhanced - white).clamp(min=0) * (image < unburnt)).mean()


@MODELS.register_module()
class HighlightSGZ(SGZ):
    """SGZ with one more loss, :func:`burning_loss`.

    Args:
        burning_weight: Weight of that loss.
        settings: The arguments of SGZ.
    """

    def __init__(self, burning_weight: float = 10.0, **settings: object) -> None:
        super().__init__(**settings)
        self.burning_weight = burning_weight

    def curve_losses(self, image: Tensor, maps: Tensor, enhanced: Tensor) -> dict[str, Tensor]:
        """The losses of SGZ, and ``loss_burning``."""
        losses = super().curve_losses(image, maps, enhanced)
        losses["loss_burning"] = self.burning_weight * burning_loss(enhanced, image)
        return losses
