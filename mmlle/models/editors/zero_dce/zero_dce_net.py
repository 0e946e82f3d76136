from functools import partial

from torch import nn

from mmlle.registry import MODELS

from ...archs.curve_estimator import CurveEstimator

__all__ = ["ZeroDCENet"]


@MODELS.register_module()
class ZeroDCENet(CurveEstimator):
    """DCE-Net of Zero-DCE (Guo et al., CVPR 2020, Sec. 3.2): 79,416 parameters with 8 steps and width 32.

    Args:
        steps: Number of steps of the curve; the network gives three maps (R, G, B) for each.
        width: Channels of the hidden layers.
        init_cfg: Initialisation, see mmengine's BaseModule; the original draws weights from N(0, 0.02).
    """

    def __init__(
        self,
        steps: int = 8,
        width: int = 32,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        conv = partial(nn.Conv2d, kernel_size=3, padding=1)
        super().__init__(conv, out_channels=3 * steps, width=width, init_cfg=init_cfg)
