from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.device import get_device
from torch import Tensor, nn

from mmlle.registry import METRICS
from mmlle.utils.checkpoint_io import CheckpointError, read_checkpoint
from mmlle.utils.errors import UserError

from .base_image_metric import BaseImageMetric

__all__ = ["TopKRecognition"]

# What torchvision's classifiers were trained with, for RGB in [0, 1].
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@METRICS.register_module()
class TopKRecognition(BaseImageMetric):
    """How often a classifier recognises what super-resolved images show.

    EnhanceNet's measure of quality beside PSNR and SSIM (Sajjadi et al., ICCV 2017, Sec. 5.3): the share of
    images whose true class is among the k that a ResNet-50 trained on ImageNet finds the most likely. The
    same is measured for the original images, an upper bound, and for other pictures that the model predicts,
    such as EnhanceNet's ``bicubic``. The images are classified as they are; the pipeline brings the originals
    to the classifier's size, 224×224.

    Results: ``Top{k}`` of the output, ``Top{k}_original``, and ``Top{k}_NAME`` of each further picture, in
    per cent.

    Args:
        labels: File with a line ``NAME CLASS`` for each image, as in Caffe's ``val.txt`` of ImageNet. NAME is
            with or without ending, and with as many of the image's folders as tell it from others; CLASS is a
            number from 0 in the classifier's order. It may name more images than are tested.
        weights: URL or local file of the classifier's weights, torchvision's names.
        classifier: Name of a ResNet of torchvision.
        num_classes: Number of classes of the labels.
        top_k: The values of k.
        collect_device: See mmengine's BaseMetric.
        prefix: See mmengine's BaseMetric.

    Raises:
        UserError: If a file cannot be read, an image has no label, or classifier and labels do not fit.
    """

    def __init__(
        self,
        labels: str,
        weights: str = "https://download.pytorch.org/models/resnet50-0676ba61.pth",
        classifier: str = "resnet50",
        num_classes: int = 1000,
        top_k: Sequence[int] = (1, 5),
        collect_device: str = "gpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device, prefix)
        self.labels = labels
        self.weights = weights
        self.classifier = classifier
        self.num_classes = num_classes
        self.top_k = tuple(top_k)
        self._network: Any = None
        self._classes: dict[str, set[int]] = {}

    def measure_sample(self, sample: dict) -> dict[str, float | None]:
        """Classify the pictures of an image; 100 or 0 for each k. See :class:`BaseImageMetric`."""
        if self._network is None:  # the first image; configs are built without files
            self._classes = read_labels(self.labels, self.num_classes)
            self._network = self._load_classifier()
        label = self._label(sample)
        pictures = dict(sample["output"])
        if "gt_img" in sample:
            pictures["original"] = sample["gt_img"]
        return {
            f"Top{k}" + ("" if name == "pred_img" else f"_{name}"): 100.0 * hit
            for name, image in pictures.items()
            for k, hit in zip(self.top_k, self._hits(image, label), strict=True)
        }

    @torch.inference_mode()
    def _hits(self, image: Tensor, label: int) -> list[bool]:
        """Tell for each k whether the label is among the k most likely classes."""
        # As a saved picture would be.
        rgb = image.flip(0).float().round().clamp(0, 255) / 255
        mean, std = (rgb.new_tensor(values).view(3, 1, 1) for values in (_MEAN, _STD))
        device = next(self._network.parameters()).device
        scores = self._network(((rgb - mean) / std)[None].to(device))[0]
        rank = int((scores > scores[label]).sum())
        return [rank < k for k in self.top_k]

    def _label(self, sample: dict) -> int:
        path = str(sample.get("img_path", sample.get("key", "?")))
        found = next((self._classes[name] for name in names_of(path) if name in self._classes), set())
        if len(found) == 1:
            return next(iter(found))
        if found:
            raise UserError(
                f"{self.labels} gives {path} the classes {', '.join(map(str, sorted(found)))}: name the "
                "images there with their folders."
            )
        raise UserError(f"{self.labels} has no label for {path}: no line begins with {Path(path).name}.")

    def _load_classifier(self) -> nn.Module:
        from torchvision.models import get_model

        remedy = "Give TopKRecognition's `weights` in the evaluator's config a local file or a URL."
        try:
            state = read_checkpoint(self.weights)["state_dict"]
        except CheckpointError as error:
            raise UserError(
                f"The classifier's weights {self.weights!r} could not be loaded: {error} {remedy}"
            ) from error
        found = len(state["fc.bias"]) if "fc.bias" in state else None
        if found is not None and found != self.num_classes:
            raise UserError(
                f"The classifier {self.weights} tells {found} classes apart, and the labels "
                f"{self.labels} are of {self.num_classes}. Give TopKRecognition the weights of a "
                "classifier for these labels, and num_classes."
            )
        network = get_model(self.classifier, weights=None, num_classes=self.num_classes)
        try:
            network.load_state_dict(state)
        except RuntimeError as error:
            raise UserError(f"{self.weights} does not fit {self.classifier}: {error}. {remedy}") from error
        return network.eval().to(get_device())


def names_of(path: str) -> Iterator[str]:
    """Give what an image may be called: with all its folders, with one less and so on, and without ending."""
    parts = Path(path).parts
    for first in range(len(parts)):
        name = Path(*parts[first:])
        yield from dict.fromkeys((name.as_posix(), name.with_suffix("").as_posix()))


def read_labels(path: str, num_classes: int) -> dict[str, set[int]]:
    """Read a file of labels.

    Args:
        path: A line ``NAME CLASS`` for each image.
        num_classes: Number of classes.

    Returns:
        Classes by the names of the images, as of :func:`names_of`: several, if images share one.

    Raises:
        UserError: If the file is missing, a line is something else, or a class is out of range.
    """
    if not Path(path).is_file():
        raise UserError(
            f"There is no file of labels {path} (looked for from {Path.cwd()}). TopKRecognition needs one "
            "with a line `NAME CLASS` for each image."
        )
    labels: dict[str, set[int]] = {}
    for number, line in enumerate(Path(path).read_text().splitlines(), start=1):
        if not line.strip():
            continue
        *name, label = line.rsplit(maxsplit=1)
        if not name or not label.isdecimal():
            raise UserError(f"Line {number} of {path} must be `NAME CLASS`, got {line!r}.")
        if int(label) >= num_classes:
            raise UserError(
                f"Line {number} of {path} names the class {label}, and there are {num_classes} classes, "
                "numbered from 0. Give TopKRecognition the weights of a classifier for these labels, and "
                "num_classes."
            )
        for known in names_of(name[0].strip()):
            labels.setdefault(known, set()).add(int(label))
    return labels
