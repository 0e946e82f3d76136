import numpy as np
from torch import Tensor

from mmlle.media.tensor_image import tensor_to_image
from mmlle.registry import METRICS
from mmlle.utils.errors import ImageSizeError, UndefinedMeasureError

from ..functional import (
    PristineModel,
    burnt_pixels,
    chroma_ratio,
    highlight_psnr,
    hue_shift,
    identity_psnr,
    loe,
    niqe,
    shadow_luma,
)
from .base_image_metric import BaseImageMetric

__all__ = ["LOE", "NIQE", "Faithfulness"]


@METRICS.register_module()
class NIQE(BaseImageMetric):
    """Natural image quality evaluator, :func:`mmlle.evaluation.functional.niqe`; lower is better.

    Of the output, rounded to 8 bits; no ground truth is needed. Images with fewer than two blocks of 96×96 px
    with texture are left out.

    Args:
        channels: ``'grey'``, as the authors' program, or ``'Y'``.
        crop_border: How many pixels are left out on each side.
        pristine: ``.npz`` file of the model of natural photographs; None for the authors' parameters, which
            are in the MMagic package.
        collect_device: See mmengine's BaseMetric.
        prefix: See mmengine's BaseMetric.

    Raises:
        UserError: If ``channels`` is neither of the two, or there is no such model; with the first image.
    """

    def __init__(
        self,
        channels: str = "grey",
        crop_border: int = 0,
        pristine: str | None = None,
        collect_device: str = "gpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix)
        self.channels = channels
        self.crop_border = crop_border
        self.pristine = pristine

    def measure_sample(self, sample: dict) -> dict[str, float | None]:
        """Measure an output; see :meth:`BaseImageMetric.measure_sample`."""
        image = tensor_to_image(sample["output"]["pred_img"])
        rows, columns = (slice(self.crop_border, side - self.crop_border) for side in image.shape[:2])
        return {"NIQE": niqe(image[rows, columns], PristineModel.of_file(self.pristine), self.channels)}


class InputReferenceMetric(BaseImageMetric):
    """Compares outputs with inputs of their size, both rounded to 8 bits; no ground truth is needed."""

    def images(self, sample: dict) -> tuple[np.ndarray, np.ndarray]:
        """Give input and output, (H, W, 3) uint8, BGR.

        Raises:
            ImageSizeError: If they differ in size.
        """
        if "input" not in sample:
            raise UndefinedMeasureError("the model keeps no `input` in its data samples")
        tensors: tuple[Tensor, Tensor] = sample["input"], sample["output"]["pred_img"]
        image, enhanced = map(tensor_to_image, tensors)
        if image.shape != enhanced.shape:
            raise ImageSizeError(
                f"{type(self).__name__} compares outputs with inputs of their size; "
                f"{sample.get('img_path', '?')} is {image.shape} and its output {enhanced.shape} (height, "
                "width, channels)."
            )
        return image, enhanced


@METRICS.register_module()
class LOE(InputReferenceMetric):
    """Lightness order error against the input, :func:`mmlle.evaluation.functional.loe`; lower is better.

    It is defined for every image.

    Args:
        window: Side of the square that lightness is the largest of; 15, as published figures are computed, or
            1, as the paper's text has it.
        collect_device: See mmengine's BaseMetric.
        prefix: See mmengine's BaseMetric.
    """

    def __init__(self, window: int = 15, collect_device: str = "gpu", prefix: str | None = None) -> None:
        super().__init__(collect_device, prefix)
        self.window = window

    def measure_sample(self, sample: dict) -> dict[str, float | None]:
        """Compare an output with its input; see :meth:`BaseImageMetric.measure_sample`."""
        return {"LOE": loe(*self.images(sample), self.window)}


@METRICS.register_module()
class Faithfulness(InputReferenceMetric):
    """What an enhancement changes that it should not, :mod:`mmlle.evaluation.functional.faithfulness`.

    Results, each over the images that it applies to: ``burnt`` pixels in %; ``hue_shift`` in degrees;
    ``chroma_ratio``; ``shadow_luma``, 0–255; and ``highlight_PSNR``, ``identity_PSNR`` in dB.
    """

    def measure_sample(self, sample: dict) -> dict[str, float | None]:
        """Compare an output with its input; see :meth:`BaseImageMetric.measure_sample`."""
        image, enhanced = self.images(sample)
        return dict(
            burnt=burnt_pixels(image, enhanced),
            hue_shift=hue_shift(image, enhanced),
            chroma_ratio=chroma_ratio(image, enhanced),
            shadow_luma=shadow_luma(image, enhanced),
            highlight_PSNR=highlight_psnr(image, enhanced),
            identity_PSNR=identity_psnr(image, enhanced),
        )
