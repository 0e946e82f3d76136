from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from mmengine.logging import print_log

from mmlle.media.color import studio_luma
from mmlle.media.tensor_image import tensor_to_image
from mmlle.registry import METRICS
from mmlle.utils.errors import ImageSizeError

from ..functional import delta_e, gradient_correlation, psnr, ssim
from .base_image_metric import BaseImageMetric

__all__ = ["PSNR", "SSIM", "DeltaE", "GradientCorrelation"]


class FullReferenceMetric(BaseImageMetric):
    """Mean over the images of a measure of (image, ground truth), both rounded to 8 bits.

    Images without ground truth are left out; if none has one, there is no figure, and a log line says so.

    Args:
        channels: ``'RGB'``, or ``'Y'`` for the luma alone, as papers on super-resolution measure.
        crop_border: How many pixels are left out on each side; in super-resolution as many as the factor.
        collect_device: See mmengine's BaseMetric.
        prefix: See mmengine's BaseMetric.

    Raises:
        ValueError: If ``channels`` is neither of the two.
    """

    def __init__(
        self,
        channels: str = "RGB",
        crop_border: int = 0,
        collect_device: str = "cpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix)
        if channels not in ("RGB", "Y"):
            raise ValueError(f"channels must be 'RGB' or 'Y', got {channels!r}.")
        self.channels = channels
        self.crop_border = crop_border

    @staticmethod
    @abstractmethod
    def measure(image: np.ndarray, truth: np.ndarray) -> float:
        """Compare two images, (H, W, C) in [0, 255]."""

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Measure a batch.

        Args:
            data_batch: Unused.
            data_samples: With ``output.pred_img`` and ``gt_img``, (C, H, W) in [0, 255].

        Raises:
            ImageSizeError: If an image and its ground truth differ in size, or have nothing but border.
        """
        for sample in data_samples:
            if "gt_img" not in sample:
                self.results.append(None)
                continue
            image = tensor_to_image(sample["output"]["pred_img"])
            truth = tensor_to_image(sample["gt_img"])
            if image.shape != truth.shape:
                raise ImageSizeError(
                    f"{type(self).__name__} compares images of one size; the output for "
                    f"{sample.get('img_path', '?')} is {image.shape} and its ground truth "
                    f"{sample.get('gt_path', '?')} {truth.shape} (height, width, channels)."
                )
            if min(image.shape[:2]) <= 2 * self.crop_border:
                raise ImageSizeError(
                    f"{type(self).__name__} leaves out {self.crop_border} pixels on each side, and "
                    f"{sample.get('img_path', '?')} has no more: {image.shape} (height, width, channels)."
                )
            self.results.append(self.measure(self._select(image), self._select(truth)))

    def _select(self, image: np.ndarray) -> np.ndarray:
        """Give what counts of an image (H, W, 3), uint8, BGR."""
        rows, columns = (slice(self.crop_border, side - self.crop_border) for side in image.shape[:2])
        image = image[rows, columns]
        return studio_luma(image) if self.channels == "Y" else image

    def compute_metrics(self, results: list[float | None]) -> dict[str, float]:
        """Average over the images that have ground truth."""
        measured = [value for value in results if value is not None]
        name = type(self).__name__
        if not measured:
            print_log(f"No ground truth, so no {name}.", logger="current")
            return {}
        return {name: float(np.mean(measured))}


@METRICS.register_module()
class PSNR(FullReferenceMetric):
    """Peak signal-to-noise ratio in dB, :func:`mmlle.evaluation.functional.psnr`."""

    measure = staticmethod(psnr)


@METRICS.register_module()
class SSIM(FullReferenceMetric):
    """Structural similarity, :func:`mmlle.evaluation.functional.ssim`."""

    measure = staticmethod(ssim)


@METRICS.register_module()
class DeltaE(FullReferenceMetric):
    """Mean colour difference CIEDE2000, :func:`mmlle.evaluation.functional.delta_e`; lower is better."""

    measure = staticmethod(delta_e)


@METRICS.register_module()
class GradientCorrelation(FullReferenceMetric):
    """How much detail is kept, :func:`mmlle.evaluation.functional.gradient_correlation`."""

    measure = staticmethod(gradient_correlation)
