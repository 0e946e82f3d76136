from functools import partial

from mmlle.registry import MODELS

from ...archs.curve_estimator import CurveEstimator, JoinedConv2d

__all__ = ["ZeroDCENet"]


@MODELS.register_module()
class ZeroDCENet(CurveEstimator):
    """DCE-Net of Zero-DCE (Guo et al., CVPR 2020, Sec. 3.2): 79,416 parameters with 8 steps and width 32.

    Args:
        steps: Number of steps of the curve; the network gives three maps (R, G, B) for each.
        width: Channels of the hidden layers.
        scale_factor: See :class:`CurveEstimator`; 1 in the original.
        init_cfg: Initialisation, see mmengine's BaseModule; the original draws weights from N(0, 0.02).
    """

    def __init__(
        self,
        steps: int = 8,
        width: int = 32,
        scale_factor: float = 1,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(
            partial(JoinedConv2d, kernel_size=3, padding=1),
            out_channels=3 * steps,
            width=width,
            scale_factor=scale_factor,
            init_cfg=init_cfg,
        )
