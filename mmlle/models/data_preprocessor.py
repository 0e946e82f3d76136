from functools import cached_property
from typing import TYPE_CHECKING

from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from mmlle.registry import MODELS
from mmlle.utils.errors import ImageSizeError

if TYPE_CHECKING:
    from mmagic.models.data_preprocessors import DataPreprocessor
    from mmagic.structures import DataSample

__all__ = ["EnhancerDataPreprocessor"]


@MODELS.register_module()
class EnhancerDataPreprocessor(BaseDataPreprocessor):
    """Images from the pipeline (BGR, 0–255) to a batch for the model (RGB, [0, 1]).

    MMagic's preprocessor does it, which pads images of different sizes to a common one. A padded image is
    enhanced differently from the image itself, and MMagic cuts all of them back by the first one's padding;
    so a batch of different sizes is refused.

    Args:
        mean: Subtracted from the image, 0–255.
        std: What it is then divided by.

    Attributes:
        is_plain: Whether it gives RGB in [0, 1] as it is.
    """

    def __init__(self, mean: float = 0.0, std: float = 255.0) -> None:
        super().__init__()
        self._range = mean, std
        self.is_plain = self._range == (0, 255)

    @cached_property
    def mmagic(self) -> "DataPreprocessor":
        """MMagic's preprocessor, made when it is first used: MMagic's models take seconds to import."""
        from mmagic.models.data_preprocessors import DataPreprocessor

        # A single channel's mean is broadcast to three; data_keys are set for each batch below.
        mean, std = self._range
        return DataPreprocessor(mean=mean, std=std, output_channel_order="RGB", data_keys=None)

    def forward(self, data: dict, training: bool = False) -> dict:
        """Collate a batch.

        Args:
            data: ``inputs``, a tensor (N, 3, H, W) or a list of (3, H, W), or of dicts of such; and
                ``data_samples``, one for each image, with or without ``gt_img``.
            training: Whether ``gt_img`` is brought into the model's range as well.

        Returns:
            ``inputs`` (N, 3, H, W), or a dict of such, and ``data_samples`` stacked.

        Raises:
            ImageSizeError: If images of a batch differ in size.
        """
        self._check_sizes(data["inputs"], data.get("data_samples"))
        samples = data.get("data_samples") or [{}]
        self.mmagic.data_keys = ["gt_img"] if "gt_img" in samples[0] else None
        return self.mmagic.to(self.device)(data, training)

    def destruct(
        self, outputs: Tensor, data_samples: "list[DataSample] | DataSample | None" = None, key: str = "img"
    ) -> Tensor:
        """Bring images of a batch, (N, 3, H, W), back to BGR, 0–255; the arguments are MMagic's."""
        return self.mmagic.to(self.device).destruct(outputs, data_samples, key)

    @staticmethod
    def _check_sizes(inputs: Tensor | dict | list, samples: "list[DataSample] | None") -> None:
        if isinstance(inputs, dict):
            images_by_name = inputs
        elif isinstance(inputs, list) and isinstance(inputs[0], dict):
            images_by_name = {name: [image[name] for image in inputs] for name in inputs[0]}
        else:
            images_by_name = {"img": inputs}
        for images in images_by_name.values():
            sizes = [tuple(image.shape[-2:]) for image in images]
            if len(set(sizes)) > 1:
                names = [sample.get("img_path", "?") for sample in samples or [{}] * len(sizes)]
                listing = ", ".join(f"{name} {h}x{w}" for name, (h, w) in zip(names, sizes, strict=True))
                raise ImageSizeError(
                    f"The images of a batch must have one size (height x width), got {listing}. Crop or "
                    "resize them in the dataset's pipeline, or set the data loader's batch_size to 1."
                )
