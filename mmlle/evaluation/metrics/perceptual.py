import numpy as np

from mmlle.registry import METRICS
from mmlle.utils.errors import UserError

from ..functional import LPIPSDistance
from .fidelity import FullReferenceMetric

__all__ = ["LPIPS"]


@METRICS.register_module()
class LPIPS(FullReferenceMetric):
    """Learned perceptual image patch similarity, :class:`mmlle.evaluation.functional.LPIPSDistance`.

    Lower is better. Images that are too small for the network (31 px with AlexNet) are left out. Nothing is
    downloaded; the files are read with the first image.

    Args:
        backbone_weights: File of torchvision's weights of the network.
        net: ``'alex'``, ``'vgg'`` or ``'squeeze'``.
        weights: File of the linear layers; None for the one in the package ``lpips``.
        crop_border: See :class:`FullReferenceMetric`.
        rounding: See :class:`FullReferenceMetric`.
        gt_mean: See :class:`FullReferenceMetric`.
        collect_device: See mmengine's BaseMetric.
        prefix: See mmengine's BaseMetric.

    Raises:
        UserError: If a file or the package is missing.
    """

    def __init__(
        self,
        backbone_weights: str | None = None,
        net: str = "alex",
        weights: str | None = None,
        crop_border: int = 0,
        rounding: str = "nearest",
        gt_mean: bool = False,
        collect_device: str = "gpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__("RGB", crop_border, rounding, gt_mean, collect_device, prefix)
        self.backbone_weights = backbone_weights
        self.net = net
        self.weights = weights
        self._distance: LPIPSDistance | None = None

    def measure(self, image: np.ndarray, truth: np.ndarray) -> float:
        """See :meth:`FullReferenceMetric.measure`."""
        if self._distance is None:  # configs are built without files
            if self.backbone_weights is None:
                raise UserError(
                    "LPIPS needs the weights of its network: give the metric `backbone_weights`, the path of "
                    "torchvision's alexnet-owt-7be5be79.pth (https://download.pytorch.org/models)."
                )
            self._distance = LPIPSDistance(self.backbone_weights, self.net, self.weights)
        return self._distance(image, truth)
