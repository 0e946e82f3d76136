from torch import Tensor, nn

from mmlle.registry import MODELS

__all__ = ["IlluminationSmoothnessLoss", "illumination_smoothness_loss"]


def illumination_smoothness_loss(maps: Tensor, inter_channel: bool = False) -> Tensor:
    r"""Total variation of the curve parameters: neighbouring pixels are enhanced alike.

    .. math::
        L = \frac{2}{N} \Big( \frac{\sum (\partial_h r)^2}{(H - 1) W}
            + \frac{\sum (\partial_w r)^2}{H (W - 1)} \Big),

    the sums over batch, channels and positions, the counts over the positions of one channel, as in the
    original code of Zero-DCE (Guo et al., CVPR 2020, Eq. 7) and SGZ (Zheng & Gupta, WACVW 2022, Sec. 3.4).

    SGZ's paper also relates the channels to each other, which its code does not. ``inter_channel`` adds that
    as the variation along the channel axis, over the pairs RG, RB and GB:
    :math:`\frac{2}{N H W} \sum ((r_R - r_G)^2 + (r_R - r_B)^2 + (r_G - r_B)^2)`. The paper does not spell the
    term out; this is our reading of it.

    Args:
        maps: (N, C, H, W), the maps r of the curve, in [-1, 1].
        inter_channel: Whether to add the term between the channels; ``maps`` then holds sets of three.

    Returns:
        Scalar. A side of one pixel has no variation.
    """
    batch, _, height, width = maps.shape
    vertical = (maps[..., 1:, :] - maps[..., :-1, :]).square().sum()
    horizontal = (maps[..., 1:] - maps[..., :-1]).square().sum()
    total = vertical / max((height - 1) * width, 1) + horizontal / max(height * (width - 1), 1)
    if inter_channel:
        red, green, blue = maps.unflatten(1, (-1, 3)).unbind(dim=2)
        pairs = (red - green).square() + (red - blue).square() + (green - blue).square()
        total = total + pairs.sum() / (height * width)
    return 2 * total / batch


@MODELS.register_module()
class IlluminationSmoothnessLoss(nn.Module):
    """:func:`illumination_smoothness_loss` times ``loss_weight``.

    Args:
        loss_weight: Factor of the loss.
        inter_channel: Whether the channels are related to each other too (SGZ's paper, not its code).
    """

    def __init__(self, loss_weight: float = 1.0, inter_channel: bool = False) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.inter_channel = inter_channel

    def forward(self, maps: Tensor) -> Tensor:
        """Loss of the curve's maps (N, C, H, W) in [-1, 1]; a scalar."""
        return self.loss_weight * illumination_smoothness_loss(maps, self.inter_channel)
