"""What a segmentor makes of enhanced images, beside labels and beside what it makes of the clean ones."""

from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import DefaultScope
from PIL import Image

from mmlle.media.image_file import decoding
from mmlle.models.utils.guide_weights import fill_with_weights, read_weights
from mmlle.utils.errors import UserError

__all__ = ["SegmentationScore", "Segmentor", "read_label_image"]

#: The label of pixels that do not count.
IGNORED = 255


class Segmentor:
    """A segmentor of MMSegmentation, with the test pipeline of its config.

    Args:
        config: Config file of MMSegmentation.
        checkpoint: Its weights, a file or URL.
        device: Where to compute; None for a GPU if there is one, else the CPU.

    Raises:
        UserError: If the config is missing or no segmentor's, or the weights cannot be read or do not fit.
    """

    def __init__(self, config: str | Path, checkpoint: str | Path, device: str | None = None) -> None:
        from mmseg.apis import init_model

        if not Path(config).is_file():
            raise UserError(f"There is no config {config} (looked for from {Path.cwd()}).")
        settings = Config.fromfile(config)
        if "model" not in settings or "test_pipeline" not in settings:
            raise UserError(f"{config} is no config of MMSegmentation: it needs `model` and `test_pipeline`.")
        what, remedy = "segmentor", "Give --segmentor a config of MMSegmentation and weights that fit it."
        weights = read_weights(str(checkpoint), what, remedy)
        with DefaultScope.overwrite_default_scope("mmseg"):
            self.model = init_model(settings, device=device or get_device())
        fill_with_weights(self.model, weights, str(checkpoint), what, remedy)
        self.num_classes = int(self.model.decode_head.num_classes)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Classify each pixel.

        Args:
            image: (H, W, 3) uint8, BGR.

        Returns:
            (H, W) int64, numbers of classes.
        """
        from mmseg.apis import inference_model

        with DefaultScope.overwrite_default_scope("mmseg"):
            result = inference_model(self.model, np.ascontiguousarray(image))
        return result.pred_sem_seg.data[0].cpu().numpy().astype(np.int64)


class SegmentationScore:
    """Accumulates predictions of several images, as MMSegmentation's IoUMetric does.

    Args:
        num_classes: Number of classes.
    """

    def __init__(self, num_classes: int) -> None:
        self.num_classes = num_classes
        self.areas = np.zeros((4, num_classes))

    def add(self, prediction: np.ndarray, truth: np.ndarray) -> None:
        """Add an image.

        Args:
            prediction: (H, W), numbers of classes.
            truth: The same; 255 where a pixel does not count.
        """
        from mmseg.evaluation import IoUMetric

        pair = (torch.from_numpy(np.asarray(labels, np.int64)) for labels in (prediction, truth))
        areas = IoUMetric.intersect_and_union(*pair, self.num_classes, IGNORED)
        self.areas += torch.stack(areas).numpy()

    def summary(self) -> dict[str, float]:
        """Give ``mIoU``, over the classes that occur, and ``accuracy``, both in per cent."""
        intersection, union, _, truth = self.areas
        occurs = union > 0
        if not occurs.any():
            return dict(mIoU=float("nan"), accuracy=float("nan"))
        return dict(
            mIoU=float(100 * (intersection[occurs] / union[occurs]).mean()),
            accuracy=float(100 * intersection.sum() / truth.sum()),
        )


def read_label_image(path: str | Path, shape: tuple[int, int], num_classes: int) -> np.ndarray:
    """Read the classes of an image's pixels.

    Args:
        path: An image file of one channel or with a palette, whose values are numbers of classes, 255 where a
            pixel does not count.
        shape: Height and width that it should have.
        num_classes: Number of classes.

    Returns:
        (H, W) uint8.

    Raises:
        UserError: If it cannot be read, is of another size, has several channels or other numbers.
    """
    with decoding(path), Image.open(path) as image:
        image.load()
        labels = np.asarray(image)
    if labels.ndim != 2 or labels.dtype != np.uint8:
        raise UserError(f"{path} has the mode {image.mode}: labels have one channel of 8 bits, or a palette.")
    if labels.shape != shape:
        raise UserError(
            f"{path} is {labels.shape[0]}x{labels.shape[1]} (height x width) and its image {shape[0]}x"
            f"{shape[1]}: they must be equal."
        )
    wrong = labels[(labels >= num_classes) & (labels != IGNORED)]
    if wrong.size:
        raise UserError(
            f"{path} names the class {wrong[0]}, and the segmentor has {num_classes}, numbered from 0 (255 "
            "does not count)."
        )
    return labels
