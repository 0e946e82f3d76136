import math

import torch
from mmagic.structures import DataSample
from torch import Tensor

from mmlle.registry import MODELS

from ...base_enhancer import BaseEnhancer
from ...utils.light_curve import apply_light_curve
from ...utils.tiled_forward import tiled_forward

__all__ = ["ZeroDCE"]


@MODELS.register_module()
class ZeroDCE(BaseEnhancer):
    """Zero-reference deep curve estimation (Guo et al., CVPR 2020, arXiv 2001.06826).

    A network estimates the parameters of a curve for each pixel, the curve brightens the image, and losses
    that need no reference say how good the outcome looks.

    Args:
        generator: Config of the network, a :class:`CurveEstimator`, image (N, 3, H, W) to maps (N, 3 or
            3 * steps, H, W).
        spatial_loss: Config of the spatial consistency loss.
        color_loss: Config of the colour constancy loss.
        exposure_loss: Config of the exposure control loss.
        smoothness_loss: Config of the illumination smoothness loss.
        steps: Number of steps of the curve.
        order: Order of the curve.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation, see mmengine's BaseModule.
    """

    def __init__(
        self,
        generator: dict,
        spatial_loss: dict,
        color_loss: dict,
        exposure_loss: dict,
        smoothness_loss: dict,
        steps: int = 8,
        order: int = 2,
        data_preprocessor: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(generator, data_preprocessor, init_cfg)
        self.spatial_loss = MODELS.build(spatial_loss)
        self.color_loss = MODELS.build(color_loss)
        self.exposure_loss = MODELS.build(exposure_loss)
        self.smoothness_loss = MODELS.build(smoothness_loss)
        self.steps = steps
        self.order = order

    def brighten(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Estimate the maps (N, 3 or 3 * steps, H, W) and apply them; returns the image and the maps."""
        # Half-precision maps would lose the small differences that the curve and the losses live on.
        maps = self.generator(image).float()
        return apply_light_curve(image, maps, self.steps, self.order), maps

    def enhance(self, inputs: Tensor) -> Tensor:
        """Enhance (N, 3, H, W), RGB in [0, 1]; the same size, unclamped."""

        def brighten(image: Tensor) -> Tensor:
            return self.brighten(image)[0]

        # Training needs the activations of the whole image anyway.
        if torch.is_grad_enabled() or math.isinf(self.generator.radius):
            return brighten(inputs)
        return tiled_forward(brighten, inputs, halo=self.generator.radius)

    def loss(self, inputs: Tensor, data_samples: DataSample | None = None) -> dict[str, Tensor]:
        """Losses of a batch (N, 3, H, W), RGB in [0, 1], by name; each a scalar. Truth is not looked at."""
        enhanced, maps = self.brighten(inputs)
        return self.losses(inputs, maps, enhanced)

    def losses(self, image: Tensor, maps: Tensor, enhanced: Tensor) -> dict[str, Tensor]:
        """Judge an enhancement.

        Args:
            image: (N, 3, H, W), RGB in [0, 1].
            maps: (N, 3 or 3 * steps, H, W) in [-1, 1].
            enhanced: (N, 3, H, W).

        Returns:
            Scalars by name.
        """
        return dict(
            loss_spatial=self.spatial_loss(enhanced, image),
            loss_color=self.color_loss(enhanced),
            loss_exposure=self.exposure_loss(enhanced),
            loss_smoothness=self.smoothness_loss(maps),
        )
