from abc import abstractmethod
from collections.abc import Callable

import numpy as np

from mmlle.media.color import studio_luma
from mmlle.registry import METRICS
from mmlle.utils.errors import ImageSizeError, OptionError, UndefinedMeasureError

from ..functional import MAX_PSNR, delta_e, gradient_correlation, match_mean, psnr, ssim
from .base_image_metric import BaseImageMetric, ImageResult

__all__ = ["PSNR", "SSIM", "DeltaE", "FullReferenceMetric", "GradientCorrelation"]

#: What becomes of the values of an output, in [0, 255], before they are compared.
_ROUNDING: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "nearest": lambda values: np.rint(values).astype(np.uint8),
    "down": lambda values: values.astype(np.uint8),
    "none": lambda values: values.astype(np.float64),
}


class FullReferenceMetric(BaseImageMetric):
    """Mean over the images of a measure of (image, ground truth).

    Images without ground truth are left out. The figure has the name of the class, with ``_gtmean`` behind
    it if the images are scaled to the ground truth's brightness.

    Args:
        channels: ``'RGB'``, or for PSNR and SSIM ``'Y'``: the luma of BT.601 in studio range alone, as papers
            on super-resolution measure.
        crop_border: How many pixels are left out on each side; in super-resolution as many as the factor.
        rounding: ``'nearest'``, as a picture is saved; ``'down'``, as programs save that cut the fraction off
            (torchvision's ``ToPILImage``), which costs up to 0.1 dB; or ``'none'``.
        gt_mean: Whether images are first scaled so that their mean luma is the ground truth's, see
            :func:`mmlle.evaluation.functional.match_mean`. That gives much higher figures, which do not
            compare with others.
        collect_device: See mmengine's BaseMetric.
        prefix: See mmengine's BaseMetric.

    Raises:
        OptionError: If ``channels`` or ``rounding`` is none of these.
    """

    CHANNELS: tuple[str, ...] = ("RGB",)

    def __init__(
        self,
        channels: str = "RGB",
        crop_border: int = 0,
        rounding: str = "nearest",
        gt_mean: bool = False,
        collect_device: str = "gpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix)
        known = " or ".join(map(repr, self.CHANNELS))
        if channels not in self.CHANNELS:
            raise OptionError(f"channels of {type(self).__name__} must be {known}, got {channels!r}.")
        if rounding not in _ROUNDING:
            raise OptionError(f"rounding must be one of {', '.join(_ROUNDING)}, got {rounding!r}.")
        self.channels = channels
        self.crop_border = crop_border
        self.rounding = rounding
        self.gt_mean = gt_mean

    @property
    def name(self) -> str:
        """The name of the figure."""
        return type(self).__name__ + ("_gtmean" if self.gt_mean else "")

    @abstractmethod
    def measure(self, image: np.ndarray, truth: np.ndarray) -> float:
        """Compare two images, (H, W, C) in [0, 255], the first uint8 or float, the second uint8."""

    def measure_sample(self, sample: dict) -> dict[str, float | None]:
        """Compare an image with its ground truth; see :meth:`BaseImageMetric.measure_sample`.

        Raises:
            ImageSizeError: If an image and its ground truth differ in size, or have nothing but border.
        """
        if "gt_img" not in sample:
            raise UndefinedMeasureError("no ground truth")
        image, truth = (
            tensor.detach().clamp(0, 255).permute(1, 2, 0).cpu().numpy()
            for tensor in (sample["output"]["pred_img"], sample["gt_img"])
        )
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
        truth = _ROUNDING["nearest"](truth)
        if self.gt_mean:
            image = match_mean(image, truth)
        image = _ROUNDING[self.rounding](image)
        return {self.name: self.measure(self._select(image), self._select(truth))}

    def _select(self, image: np.ndarray) -> np.ndarray:
        """Give what counts of an image (H, W, 3), BGR."""
        rows, columns = (slice(self.crop_border, side - self.crop_border) for side in image.shape[:2])
        image = image[rows, columns]
        return studio_luma(image) if self.channels == "Y" else image


@METRICS.register_module()
class PSNR(FullReferenceMetric):
    """Peak signal-to-noise ratio in dB, :func:`mmlle.evaluation.functional.psnr`.

    Images that equal their ground truth count as 120 dB, and a line of the log says how many do.
    """

    CHANNELS = ("RGB", "Y")

    def measure(self, image: np.ndarray, truth: np.ndarray) -> float:
        """See :meth:`FullReferenceMetric.measure`."""
        return psnr(image, truth)

    def compute_metrics(self, results: list[ImageResult]) -> dict[str, float]:
        """Average over the images."""
        equal = sum(result.values.get(self.name) == MAX_PSNR for result in results)
        if equal:
            self.say(
                f"{equal} of {len(results)} images equal their ground truth and count as {MAX_PSNR:.0f} dB."
            )
        return super().compute_metrics(results)


@METRICS.register_module()
class SSIM(FullReferenceMetric):
    """Structural similarity, :func:`mmlle.evaluation.functional.ssim`.

    Images smaller than its window of 11×11 px are left out.
    """

    CHANNELS = ("RGB", "Y")

    def measure(self, image: np.ndarray, truth: np.ndarray) -> float:
        """See :meth:`FullReferenceMetric.measure`."""
        return ssim(image, truth)


@METRICS.register_module()
class DeltaE(FullReferenceMetric):
    """Mean colour difference CIEDE2000, :func:`mmlle.evaluation.functional.delta_e`; lower is better."""

    def measure(self, image: np.ndarray, truth: np.ndarray) -> float:
        """See :meth:`FullReferenceMetric.measure`."""
        return delta_e(image, truth)


@METRICS.register_module()
class GradientCorrelation(FullReferenceMetric):
    """How much detail is kept, :func:`mmlle.evaluation.functional.gradient_correlation`.

    It is that of the luma. An image of one grey has none, and counts as 0.
    """

    def measure(self, image: np.ndarray, truth: np.ndarray) -> float:
        """See :meth:`FullReferenceMetric.measure`."""
        return gradient_correlation(image, truth)
