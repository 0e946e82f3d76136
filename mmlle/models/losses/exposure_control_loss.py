from torch import Tensor, nn

from mmlle.registry import MODELS

from .region_mean import region_mean

__all__ = ["ExposureControlLoss", "exposure_control_loss"]

_NORMS = {"l1": Tensor.abs, "l2": Tensor.square}


def exposure_control_loss(
    enhanced: Tensor, target: float = 0.6, region_size: int = 16, norm: str = "l2"
) -> Tensor:
    r"""Every region comes near a well-exposed grey value.

    .. math::
        L = \frac{1}{M} \sum_k \lVert Y_k - E \rVert,

    :math:`Y_k` the mean of a region, :math:`E` the target. SGZ's paper (Zheng & Gupta, WACVW 2022, Sec. 3.4,
    "brightness loss") and Zero-DCE's (Guo et al., CVPR 2020, Eq. 5) write the absolute difference; the code
    of both squares it.

    Args:
        enhanced: (N, C, H, W) in [0, 1].
        target: :math:`E`, in [0, 1].
        region_size: Side of a region in pixels.
        norm: ``'l2'`` (squared difference, the code) or ``'l1'`` (absolute difference, the papers).

    Returns:
        Scalar.

    Raises:
        ImageSizeError: If the image is smaller than one region.
        KeyError: If ``norm`` is neither ``'l1'`` nor ``'l2'``.
    """
    return _NORMS[norm](region_mean(enhanced, region_size) - target).mean()


@MODELS.register_module()
class ExposureControlLoss(nn.Module):
    """:func:`exposure_control_loss` times ``loss_weight``.

    Args:
        loss_weight: Factor of the loss.
        target: Well-exposed grey value, in [0, 1].
        region_size: Side of a region in pixels.
        norm: ``'l2'`` (the original code) or ``'l1'`` (the papers).

    Raises:
        ValueError: If ``norm`` is neither.
    """

    def __init__(
        self,
        loss_weight: float = 1.0,
        target: float = 0.6,
        region_size: int = 16,
        norm: str = "l2",
    ) -> None:
        super().__init__()
        if norm not in _NORMS:
            raise ValueError(f"norm must be one of {sorted(_NORMS)}, got {norm!r}.")
        self.loss_weight = loss_weight
        self.target = target
        self.region_size = region_size
        self.norm = norm

    def forward(self, enhanced: Tensor) -> Tensor:
        """Loss of an enhanced (N, C, H, W) in [0, 1]; a scalar."""
        return self.loss_weight * exposure_control_loss(enhanced, self.target, self.region_size, self.norm)
