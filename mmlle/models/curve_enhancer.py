from typing import TYPE_CHECKING

import torch
from torch import Tensor

from mmlle.registry import MODELS
from mmlle.utils.unwrap_model import unwrap_model

from .base_enhancer import BaseEnhancer
from .utils.build_if_given import build_if_given
from .utils.enlarge_rows import enlarge_rows
from .utils.light_curve import apply_light_curve
from .utils.tiled_forward import tiled_forward

if TYPE_CHECKING:
    from mmagic.structures import DataSample

__all__ = ["CurveEnhancer"]

#: Rows that are enhanced at once with the maps of a reduced image.
BAND = 64


class CurveEnhancer(BaseEnhancer):
    """What SGZ and Zero-DCE share: a network estimates the maps of a light curve, which brightens the image.

    Four losses need no reference: contrast between regions as in the input, grey as the mean colour, a target
    brightness, and smooth maps. Two more of this package keep highlights, and what is well exposed.

    Args:
        generator: Config of the network, a :class:`CurveEstimator`, image (N, 3, H, W) to maps (N, 3 or
            3 * steps, H, W).
        spatial_loss: Config of the spatial consistency loss.
        color_loss: Config of the colour constancy loss.
        exposure_loss: Config of the exposure control loss.
        smoothness_loss: Config of the illumination smoothness loss.
        steps: Number of steps of the curve.
        order: Order of the curve.
        highlight_loss: Config of the highlight loss, which is not of the papers; None for none.
        identity_loss: Config of the identity loss, likewise.
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
        highlight_loss: dict | None = None,
        identity_loss: dict | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(generator, data_preprocessor, init_cfg)
        self.spatial_loss = MODELS.build(spatial_loss)
        self.color_loss = MODELS.build(color_loss)
        self.exposure_loss = MODELS.build(exposure_loss)
        self.smoothness_loss = MODELS.build(smoothness_loss)
        self.highlight_loss = build_if_given(highlight_loss)
        self.identity_loss = build_if_given(identity_loss)
        self.steps = steps
        self.order = order

    def brighten(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Estimate the maps of (N, 3, H, W), RGB in [0, 1], and apply the curve.

        Returns:
            The enhanced image (N, 3, H, W), unclamped, and the maps (N, 3 or 3 * steps, H, W) in [-1, 1].
        """
        # Half precision would round away the small differences that the curve and the losses depend on.
        maps = self.generator(image).float()
        return apply_light_curve(image, maps, self.steps, self.order), maps

    def enhance(self, inputs: Tensor) -> Tensor:
        """Enhance (N, 3, H, W), RGB in [0, 1]; the same size, unclamped."""
        return self.brighten_in_bands(inputs) if self._in_bands() else self.brighten(inputs)[0]

    def enhance_by(self, inputs: Tensor, strength: Tensor) -> Tensor:
        """Enhance (N, 3, H, W) with the maps multiplied by a strength (N, 1, H, W), within their range."""
        if self._in_bands():
            return self.brighten_in_bands(inputs, strength)
        maps = (self.generator(inputs).float() * strength).clamp(-1, 1)
        return apply_light_curve(inputs, maps, self.steps, self.order)

    def _in_bands(self) -> bool:
        return unwrap_model(self.generator).scale_factor != 1 and not torch.is_grad_enabled()

    def brighten_in_bands(self, inputs: Tensor, strength: Tensor | None = None) -> Tensor:
        """Enhance with the maps of a reduced image, a few rows at a time.

        The maps of the whole image are small; enlarged, they would take more memory than the image.

        Args:
            inputs: (N, 3, H, W), RGB in [0, 1], or (1, 3, H, W) for all strengths.
            strength: (N, 1, H, W); None for 1.

        Returns:
            (N, 3, H, W), unclamped.
        """
        network = unwrap_model(self.generator)
        reduced = tiled_forward(
            network.maps,
            network.reduce(inputs),
            halo=network.network_radius,
            pixel_bytes=network.pixel_bytes,
        ).float()
        count = len(inputs) if strength is None else len(strength)
        result = torch.empty_like(inputs.expand(count, -1, -1, -1), dtype=torch.float32)
        for start in range(0, inputs.shape[-2], BAND):
            band = (..., slice(start, start + BAND), slice(None))
            maps = enlarge_rows(reduced, start, inputs[band].shape[-2], inputs.shape[-2:])
            if strength is not None:
                maps = (maps * strength[band]).clamp_(-1, 1)
            result[band] = apply_light_curve(inputs[band], maps, self.steps, self.order)
        return result

    def loss(self, inputs: Tensor, data_samples: "DataSample | None" = None) -> dict[str, Tensor]:
        """Losses of a batch by name; each a scalar.

        Args:
            inputs: (N, 3, H, W), RGB in [0, 1].
            data_samples: Unused: no loss needs ground truth.
        """
        enhanced, maps = self.brighten(inputs)
        return self.curve_losses(inputs, maps, enhanced)

    def curve_losses(self, image: Tensor, maps: Tensor, enhanced: Tensor) -> dict[str, Tensor]:
        """Losses of an enhancement.

        Args:
            image: (N, 3, H, W), RGB in [0, 1].
            maps: (N, 3 or 3 * steps, H, W) in [-1, 1].
            enhanced: (N, 3, H, W).

        Returns:
            Scalars by name.
        """
        losses = dict(
            loss_spatial=self.spatial_loss(enhanced, image),
            loss_color=self.color_loss(enhanced),
            loss_exposure=self.exposure_loss(enhanced),
            loss_smoothness=self.smoothness_loss(maps),
        )
        if self.highlight_loss is not None:
            losses["loss_highlight"] = self.highlight_loss(enhanced, image)
        if self.identity_loss is not None:
            losses["loss_identity"] = self.identity_loss(enhanced, image)
        return losses
