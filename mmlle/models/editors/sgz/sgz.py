from torch import Tensor

from mmlle.registry import MODELS

from ...curve_enhancer import CurveEnhancer
from ...utils.build_if_given import build_if_given

__all__ = ["SGZ"]


@MODELS.register_module()
class SGZ(CurveEnhancer):
    """Semantic-guided zero-shot low-light enhancement (Zheng & Gupta, WACVW 2022, arXiv 2110.00970).

    One enhancement factor for each pixel and channel serves all steps of the curve, and a frozen segmentation
    network keeps the content of the image recognisable while it is brightened.

    Args:
        generator: Config of the network, image (N, 3, H, W) to enhancement factor (N, 3, H, W).
        spatial_loss: Config of the spatial consistency loss.
        color_loss: Config of the colour constancy loss (the paper's RGB loss).
        exposure_loss: Config of the exposure control loss (the paper's brightness loss).
        smoothness_loss: Config of the illumination smoothness loss (the paper's total variation loss).
        semantic_loss: Config of the semantic loss, or None to train without it.
        steps: Number of steps of the recurrence.
        order: Order of the recurrence.
        highlight_loss: Config of the highlight loss, which is not of the paper; None for none.
        identity_loss: Config of the identity loss, likewise.
        data_preprocessor: Config of the data preprocessor.
        init_cfg: Initialisation, see mmengine's BaseModule.
    """

    training_only = ("semantic_loss",)

    def __init__(
        self,
        generator: dict,
        spatial_loss: dict,
        color_loss: dict,
        exposure_loss: dict,
        smoothness_loss: dict,
        semantic_loss: dict | None = None,
        steps: int = 8,
        order: int = 2,
        highlight_loss: dict | None = None,
        identity_loss: dict | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(
            generator,
            spatial_loss,
            color_loss,
            exposure_loss,
            smoothness_loss,
            steps=steps,
            order=order,
            highlight_loss=highlight_loss,
            identity_loss=identity_loss,
            data_preprocessor=data_preprocessor,
            init_cfg=init_cfg,
        )
        self.semantic_loss = build_if_given(semantic_loss)

    def curve_losses(self, image: Tensor, maps: Tensor, enhanced: Tensor) -> dict[str, Tensor]:
        """The losses of :meth:`CurveEnhancer.curve_losses` and the semantic loss, by name."""
        losses = super().curve_losses(image, maps, enhanced)
        if self.semantic_loss is not None:
            losses["loss_semantic"] = self.semantic_loss(enhanced)
        return losses
