from typing import TYPE_CHECKING

from torch import Tensor

from mmlle.registry import MODELS

from ...base_enhancer import BaseEnhancer
from ...utils.build_if_given import build_if_given
from ...utils.light_curve import apply_light_curve

if TYPE_CHECKING:
    from mmagic.structures import DataSample

__all__ = ["GlobalCurve"]

#: The largest strength, and by how much the parameter then exceeds the estimated one.
FULL_STRENGTH, BEYOND = 1.6, 0.25


@MODELS.register_module()
class GlobalCurve(BaseEnhancer):
    """One light curve for the whole photograph, learned by undoing a simulated under-exposure.

    Of this package. The curve is that of Zero-DCE and SGZ (:func:`apply_light_curve`), with one parameter for
    all pixels and channels in place of maps: what is equally bright stays so, and no contrast is lost between
    the regions of a photograph. The network looks at a thumbnail and estimates the parameter.

    It learns from well exposed photographs alone, most of them darkened, with the noise of a sensor: the
    enhancement is compared with what the photograph was. How bright a scene is meant to be is learned, not
    set as one target for all.

    Args:
        generator: Config of the network, image (N, 3, H, W) to (N, 1, 1, 1) in [0, 1].
        pixel_loss: Config of the loss of (enhanced, photograph), both (N, 3, H, W).
        highlight_loss: Config of the highlight loss; None for none.
        steps: Number of steps of the curve.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation, see mmengine's BaseModule.
    """

    def __init__(
        self,
        generator: dict,
        pixel_loss: dict,
        highlight_loss: dict | None = None,
        steps: int = 8,
        data_preprocessor: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(generator, data_preprocessor, init_cfg)
        self.pixel_loss = MODELS.build(pixel_loss)
        self.highlight_loss = build_if_given(highlight_loss)
        self.steps = steps

    def enhance(self, inputs: Tensor) -> Tensor:
        """Enhance (N, 3, H, W), RGB in [0, 1]; the same size, in [0, 1]."""
        return self.brighten(inputs, self.generator(inputs).float().expand(-1, -1, *inputs.shape[-2:]))

    def enhance_by(self, inputs: Tensor, strength: Tensor) -> Tensor:
        """Enhance (N, 3, H, W) with a strength (N, 1, H, W) for each pixel.

        Up to 1 it multiplies the parameter; from there to 1.6 the parameter grows by 0.25, to 1 at most: of
        a photograph that is bright enough as a whole the network asks for almost nothing, and its shadows can
        be brightened all the same, sixfold, not as much as the noise of a night sky.
        """
        parameter = self.generator(inputs).float()
        # In place where it can be: a map of a photograph of 33 megapixels is 133 MB.
        beyond = ((strength - 1) / (FULL_STRENGTH - 1)).clamp_(0, 1).mul_((1 - parameter).clamp(max=BEYOND))
        return self.brighten(inputs, beyond.addcmul_(strength.clamp(max=1), parameter))

    def brighten(self, image: Tensor, parameter: Tensor) -> Tensor:
        """Apply the curve to (N, 3, H, W) with a parameter (N, 1, H, W) in [0, 1]."""
        return apply_light_curve(image, -parameter, self.steps)

    def loss(self, inputs: Tensor, data_samples: "DataSample | None" = None) -> dict[str, Tensor]:
        """Losses of a batch by name; each a scalar.

        Args:
            inputs: Darkened photographs (N, 3, H, W), RGB in [0, 1].
            data_samples: With ``gt_img``, the photographs themselves, in the range of the inputs.

        Raises:
            ValueError: If there are no data samples.
        """
        if data_samples is None:
            raise ValueError("The loss compares with the photograph that was darkened: give gt_img.")
        enhanced = self.enhance(inputs)
        losses = dict(loss_pixel=self.pixel_loss(enhanced, data_samples.gt_img))
        if self.highlight_loss is not None:
            losses["loss_highlight"] = self.highlight_loss(enhanced, inputs)
        return losses
