from torch import Tensor

from mmlle.models import SGZ
from mmlle.registry import MODELS

__all__ = ["ColorfulSGZ", "pale_loss"]


def pale_loss(enhanced: Tensor, image: Tensor) -> Tensor:
    """How much of its saturation, the spread of the channels over their maximum, an enhancement loses.

    Args:
        enhanced: (N, 3, H, W).
        image: (N, 3, H, W) in [0, 1], the input of the enhancement.

    Returns:
        Scalar in [0, 1], the mean loss; more saturation than before costs nothing.
    """
    before, after = ((x.amax(1) - x.amin(1)) / (x.amax(1) + 0.05) for x in (image, enhanced.clamp(0, 1)))
    return (before - after).clamp(min=0).mean()


@MODELS.register_module()
class ColorfulSGZ(SGZ):
    """SGZ with one more loss, :func:`pale_loss`.

    Args:
        pale_weight: Weight of that loss.
        settings: The arguments of SGZ.
    """

    def __init__(self, pale_weight: float = 1.0, **settings: object) -> None:
        super().__init__(**settings)
        self.pale_weight = pale_weight

    def curve_losses(self, image: Tensor, maps: Tensor, enhanced: Tensor) -> dict[str, Tensor]:
        """The losses of SGZ, and ``loss_pale``."""
        losses = super().curve_losses(image, maps, enhanced)
        losses["loss_pale"] = self.pale_weight * pale_loss(enhanced, image)
        return losses
