import torch
from torch import Tensor, nn

from mmlle.registry import MODELS

__all__ = ["ColorConstancyLoss", "color_constancy_loss"]


def color_constancy_loss(enhanced: Tensor, eps: float = 0.0) -> Tensor:
    r"""The three colour channels have the same mean (the grey-world assumption).

    With :math:`m` the channel means of one image,

    .. math::
        L = \sqrt{(m_R - m_G)^4 + (m_R - m_B)^4 + (m_G - m_B)^4 + \varepsilon^2},

    averaged over the batch. With :math:`\varepsilon = 0` this is the code of Zero-DCE (Guo et al., CVPR
    2020), whose paper prints the sum of the squared differences instead (Eq. 6), and the code of SGZ (Zheng &
    Gupta, WACVW 2022). SGZ's paper (Sec. 3.4, "RGB loss") names a Charbonnier loss with
    :math:`\varepsilon = 10^{-6}`, usually :math:`\sum \sqrt{(m_p - m_q)^2 + \varepsilon^2}` over the pairs of
    channels, which its code does not contain. Here :math:`\varepsilon` is added under the root of the code,
    which the published weights were trained with.

    Args:
        enhanced: (N, 3, H, W) in [0, 1].
        eps: :math:`\varepsilon`.

    Returns:
        Scalar; ``eps`` (1e-19 at the least) and without gradient for an exactly grey image.
    """
    red, green, blue = enhanced.mean(dim=(2, 3)).unbind(dim=1)
    quartic = (red - green) ** 4 + (red - blue) ** 4 + (green - blue) ** 4 + eps**2
    # The root's derivative at zero is infinite: one grey image would turn the weights into NaN.
    return quartic.clamp_min(torch.finfo(quartic.dtype).tiny).sqrt().mean()


@MODELS.register_module()
class ColorConstancyLoss(nn.Module):
    """:func:`color_constancy_loss` times ``loss_weight``.

    Args:
        loss_weight: Factor of the loss.
        eps: 0 in the original code, 1e-6 in SGZ's paper.
    """

    def __init__(self, loss_weight: float = 1.0, eps: float = 0.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.eps = eps

    def forward(self, enhanced: Tensor) -> Tensor:
        """Loss of an enhanced (N, 3, H, W) in [0, 1]; a scalar."""
        return self.loss_weight * color_constancy_loss(enhanced, self.eps)
