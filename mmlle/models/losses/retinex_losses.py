"""Losses of PairLIE, which decomposes two exposures of a scene without a reference.

Fu et al., "Learning a Simple Low-light Image Enhancer from Paired Low-light Instances", CVPR 2023.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from mmlle.registry import MODELS

__all__ = [
    "ProjectionLoss",
    "ReflectanceConsistencyLoss",
    "RetinexLoss",
    "retinex_loss",
]


def retinex_loss(
    illumination: Tensor,
    reflectance: Tensor,
    denoised: Tensor,
    image: Tensor,
    min_illumination: float = 1e-4,
    smoothness_weight: float = 1.0,
    ambient: float = 0.0,
    headroom: float = 0.0,
) -> Tensor:
    r"""Illumination times reflectance is the image, and illumination is smooth and as bright as the image.

    .. math::
        \mathrm{MSE}(L R, X) + \mathrm{MSE}(R, X / \mathrm{sg}(L))
            + \mathrm{MSE}(L, \min(\sqrt{M^2 + a^2}\,(1 + h M), 1)) + w\,\mathrm{TV}(L),
        \quad M = \max_c I,

    sg: no gradient; TV: mean of :math:`|L_{i+2} - L_i|` down the image plus the same along it. PairLIE,
    Sec. 3.3, with the differences over two pixels of the authors' code, which can divide by zero.

    The networks see no pixel more than ten away, so what a flat grey becomes is one function of its value x,
    x L(x)^(gamma - 1). With a = h = 0, as in PairLIE, its reflectance is 1 however dark or bright it is:
    large dark parts lose their contrast, and what is bright becomes white. With a > 0, reflectance is in
    proportion to what is darker than a; with h > 0, that of bright pixels stays below 1.

    Args:
        illumination: L (N, 1, H, W) in [0, 1].
        reflectance: R (N, 3, H, W) in [0, 1].
        denoised: X (N, 3, H, W) in [0, 1].
        image: I (N, 3, H, W), RGB in [0, 1].
        min_illumination: The least that X is divided by, above 0. By default it only keeps the quotient
            finite: one step of an 8-bit image is 0.004.
        smoothness_weight: w, 1 in PairLIE. A smoother illumination leaves more contrast to the reflectance.
        ambient: a, in [0, 1), the illumination of black; 0 in PairLIE.
        headroom: h, at least 0, by which illumination exceeds what is as bright as white; 0 in PairLIE.

    Returns:
        Scalar. A side of less than three pixels has no variation.
    """
    fixed = illumination.detach().clamp(min=min_illumination)
    brightest = image.amax(dim=1, keepdim=True)
    expected = ((brightest**2 + ambient**2).sqrt() * (1 + headroom * brightest)).clamp(max=1)
    return (
        F.mse_loss(illumination * reflectance, denoised)
        + F.mse_loss(reflectance, denoised / fixed)
        + F.mse_loss(illumination, expected)
        + smoothness_weight * (_variation(illumination, dim=-2) + _variation(illumination, dim=-1))
    )


def _variation(values: Tensor, dim: int) -> Tensor:
    length = values.shape[dim]
    if length < 3:
        return values.new_zeros(())
    return (values.narrow(dim, 2, length - 2) - values.narrow(dim, 0, length - 2)).abs().mean()


@MODELS.register_module()
class ReflectanceConsistencyLoss(nn.Module):
    r"""Two exposures of a scene have one reflectance: :math:`\mathrm{MSE}(R_1, R_2)`.

    PairLIE, Sec. 3.3; the mean is over batch, channels and positions, as in the authors' code.

    Args:
        loss_weight: Factor of the loss.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, reflectance: Tensor, other_reflectance: Tensor) -> Tensor:
        """Loss of two reflectances (N, 3, H, W) in [0, 1]; a scalar."""
        return self.loss_weight * F.mse_loss(reflectance, other_reflectance)


@MODELS.register_module()
class RetinexLoss(nn.Module):
    """:func:`retinex_loss` times ``loss_weight``.

    Args:
        loss_weight: Factor of the loss.
        min_illumination: The least that the projected image is divided by, above 0.
        smoothness_weight: Weight of the illumination's variation.
        ambient: The illumination of black.
        headroom: By how much illumination exceeds what is as bright as white.
    """

    def __init__(
        self,
        loss_weight: float = 1.0,
        min_illumination: float = 1e-4,
        smoothness_weight: float = 1.0,
        ambient: float = 0.0,
        headroom: float = 0.0,
    ) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.min_illumination = min_illumination
        self.smoothness_weight = smoothness_weight
        self.ambient = ambient
        self.headroom = headroom

    def forward(self, illumination: Tensor, reflectance: Tensor, denoised: Tensor, image: Tensor) -> Tensor:
        """Loss of L (N, 1, H, W), R, X and the image, (N, 3, H, W), all in [0, 1]; a scalar."""
        loss = retinex_loss(
            illumination,
            reflectance,
            denoised,
            image,
            self.min_illumination,
            self.smoothness_weight,
            self.ambient,
            self.headroom,
        )
        return self.loss_weight * loss


@MODELS.register_module()
class ProjectionLoss(nn.Module):
    r"""The projected image stays near the image: :math:`\mathrm{MSE}(I, X)`.

    PairLIE, Sec. 3.2; the mean is over batch, channels and positions, as in the authors' code.

    Args:
        loss_weight: Factor of the loss; 500 in PairLIE.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, denoised: Tensor, image: Tensor) -> Tensor:
        """Loss of the projected image and the image, (N, 3, H, W) in [0, 1]; a scalar."""
        return self.loss_weight * F.mse_loss(denoised, image)
