from typing import TYPE_CHECKING

import torch
from torch import Tensor

from mmlle.registry import MODELS

from ...base_enhancer import BaseEnhancer

if TYPE_CHECKING:
    from mmagic.structures import DataSample

__all__ = ["PairLIE"]

#: By how much the picture of the removed noise exaggerates: noise of a few grey levels could not be seen.
_NOISE_GAIN = 4


@MODELS.register_module()
class PairLIE(BaseEnhancer):
    """A simple enhancer from paired low-light instances (Fu et al., CVPR 2023).

    A photograph is denoised and decomposed into illumination L and reflectance R; the enhanced image is
    ``L ** gamma * R``. The training data are two under-exposed photographs of each scene, which must agree in
    reflectance.

    Args:
        generator: Config of the network, :class:`RetinexDecompositionNet`.
        consistency_loss: Config of the loss between the reflectances of the two exposures.
        retinex_loss: Config of the loss of the decomposition.
        projection_loss: Config of the loss between the image and its projection.
        gamma: Exponent of the illumination: the smaller, the brighter. The authors use 0.2, and 0.14 on LOL.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation, see mmengine's BaseModule.
    """

    def __init__(
        self,
        generator: dict,
        consistency_loss: dict,
        retinex_loss: dict,
        projection_loss: dict,
        gamma: float = 0.2,
        data_preprocessor: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(generator, data_preprocessor, init_cfg)
        self.consistency_loss = MODELS.build(consistency_loss)
        self.retinex_loss = MODELS.build(retinex_loss)
        self.projection_loss = MODELS.build(projection_loss)
        self.gamma = gamma

    def enhance(self, inputs: Tensor) -> Tensor:
        """Enhance (N, 3, H, W), RGB in [0, 1]; the same size, in [0, 1]."""
        illumination, reflectance, _ = self.decompose(inputs)
        return illumination**self.gamma * reflectance

    def enhance_by(self, inputs: Tensor, strength: Tensor) -> Tensor:
        """Enhance (N, 3, H, W) with the exponent of the illumination set by a strength (N, 1, H, W).

        The exponent goes from 1 (strength 0) through gamma (strength 1) on. Illumination times reflectance is
        almost the input; below a strength of 1, the difference is added in proportion.
        """
        illumination, reflectance, _ = self.decompose(inputs)
        enhanced = illumination ** (1 - (1 - self.gamma) * strength) * reflectance
        difference = inputs - illumination * reflectance
        return torch.where(strength > 0, enhanced + (1 - strength).clamp(min=0) * difference, inputs)

    def decompose(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Decompose images (N, 3, H, W), RGB in [0, 1].

        Returns:
            Illumination (N, 1, H, W), reflectance (N, 3, H, W) and projected image (N, 3, H, W), in (0, 1).
        """
        illumination, reflectance, denoised = self.generator(inputs)
        return illumination.float(), reflectance.float(), denoised.float()

    def pictures(self, inputs: Tensor) -> dict[str, Tensor]:
        """Give the result and its parts, (N, 3, H, W), RGB in [0, 1].

        ``pred_img``, ``illumination``, ``reflectance``, and ``noise``: what the projection removed, four
        times as strong, around grey.
        """
        illumination, reflectance, denoised = self.decompose(inputs)
        return dict(
            pred_img=illumination**self.gamma * reflectance,
            illumination=illumination.expand_as(reflectance),
            reflectance=reflectance,
            noise=0.5 + _NOISE_GAIN * (inputs - denoised),
        )

    def loss(self, inputs: dict[str, Tensor], data_samples: "DataSample | None" = None) -> dict[str, Tensor]:
        """Losses of pairs of exposures.

        Args:
            inputs: ``img`` and ``img2``, two exposures of each scene, (N, 3, H, W), RGB in [0, 1].
            data_samples: Not looked at.

        Returns:
            Scalars by name.
        """
        image = inputs["img"]
        # Both exposures in one batch. All but the consistency is asked of the first alone, so the second
        # needs no illumination.
        denoised = self.generator.denoise(torch.cat([image, inputs["img2"]]))
        reflectance, other_reflectance = self.generator.reflectance(denoised).float().chunk(2)
        denoised, _ = denoised.chunk(2)
        illumination = self.generator.illumination(denoised).float()
        denoised = denoised.float()
        return dict(
            loss_consistency=self.consistency_loss(reflectance, other_reflectance),
            loss_retinex=self.retinex_loss(illumination, reflectance, denoised, image),
            loss_projection=self.projection_loss(denoised, image),
        )
