import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from mmlle.media.image_io import UnreadableImageError, image_size
from mmlle.registry import DATASETS
from mmlle.utils.errors import ImageSizeError

from .low_light_dataset import LowLightDataset, stem

__all__ = ["UnpairedLowLightDataset"]


@DATASETS.register_module()
class UnpairedLowLightDataset(LowLightDataset):
    """Low-light photographs, and well-lit ones that have nothing to do with them.

    The folders may hold different numbers of images, of any names and sizes, in sub-folders too. An epoch
    goes once through the larger set; for each image of it one of the other set is drawn at random. The draw
    is made from the sample's index and the epoch, see :class:`SeededDataset`: it is another one in each
    epoch, and the same whichever worker or process makes it.

    Each sample of the pipeline starts as ``img_path`` (low light), ``normal_path`` and ``key``, the path of
    the low-light image below its folder without its ending.

    Args:
        data_root: Folder that the prefixes are relative to.
        data_prefix: ``img``: folder of the low-light images; ``normal``: folder of the well-lit ones.
        pipeline: Transforms.
        min_size: Refuse images with a side of fewer pixels, before the training begins; None to take all, for
            pipelines that enlarge small ones (see the transform :class:`PadToSize`).
        max_refetch: How many other samples are tried in place of one that cannot be read.
        prepare: The command that makes the data, for the message when it is missing.
        lazy_init: Whether to look at the folders only when the first sample is asked for.

    Raises:
        MissingDataError: If a folder is missing or holds no image.
        ImageSizeError: If images are smaller than ``min_size``.
    """

    METAINFO = dict(dataset_type="unpaired_low_light", task_name="low_light_enhancement")

    def __init__(
        self,
        data_root: str,
        data_prefix: dict[str, str] | None = None,
        pipeline: list[dict | Callable] | None = None,
        min_size: int | None = None,
        max_refetch: int = 100,
        prepare: str | None = None,
        lazy_init: bool = False,
    ) -> None:
        self.min_size = min_size
        super().__init__(
            data_root=data_root,
            data_prefix={"img": "low", "normal": "normal", **(data_prefix or {})},
            pipeline=pipeline,
            max_refetch=max_refetch,
            prepare=prepare,
            lazy_init=lazy_init,
        )

    def load_data_list(self) -> list[dict]:
        """List the larger set, and keep the other one to draw from; see the class."""
        low = [
            dict(key=stem(path), img_path=os.path.join(self.data_prefix["img"], path))
            for path in self._find("img")
        ]
        normal = [
            dict(normal_path=os.path.join(self.data_prefix["normal"], path)) for path in self._find("normal")
        ]
        self._check_sizes([x["img_path"] for x in low] + [x["normal_path"] for x in normal])
        larger, self.others = (low, normal) if len(low) >= len(normal) else (normal, low)
        return larger

    def prepare_data(self, idx: int) -> Any:
        """Draw the other image of a sample and put both through the pipeline."""
        other = self.others[np.random.randint(len(self.others))]
        return self.pipeline({**self.get_data_info(idx), **other})

    def _check_sizes(self, paths: list[str]) -> None:
        if self.min_size is None:
            return
        small = []
        for path in paths:
            with suppress(UnreadableImageError):  # the training logs it and goes on
                height, width = image_size(path)
                if min(height, width) < self.min_size:
                    small.append(f"{path} {height}x{width}")
        if small:
            raise ImageSizeError(
                f"{len(small)} of the {len(paths)} images have a side below {self.min_size} px (height x "
                f"width): {', '.join(small[:5])}{', ...' if len(small) > 5 else ''}. Take them out, train "
                "on smaller crops, or set min_size=None and have the pipeline enlarge them with PadToSize."
            )
