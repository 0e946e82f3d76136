"""Pictures of the samples that a model gets to see."""

from collections.abc import Iterator

import numpy as np
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from torch import Tensor
from torch.utils.data import DataLoader

from mmlle.media.contact_sheet import side_by_side
from mmlle.media.tensor_image import tensor_to_image
from mmlle.utils.errors import UserError

__all__ = ["build_split_loader", "sample_pictures"]


def build_split_loader(config: Config, split: str) -> DataLoader:
    """Build the config's data loader of a split.

    Args:
        config: The config.
        split: ``'train'``, ``'val'`` or ``'test'``.

    Raises:
        UserError: If the config has no such split.
    """
    settings = config.get(f"{split}_dataloader")
    if settings is None:
        raise UserError(f"{config.filename} has no {split}_dataloader; choose another --split.")
    # Augmentation does not depend on the worker; without workers, nothing is loaded ahead.
    settings = {**settings, "num_workers": 0, "persistent_workers": False}
    with DefaultScope.overwrite_default_scope(config.get("default_scope", "mmlle")):
        return Runner.build_dataloader(settings, seed=config.get("randomness", {}).get("seed"))


def sample_pictures(loader: DataLoader) -> Iterator[tuple[str, np.ndarray]]:
    """Load one epoch.

    Args:
        loader: Gives collated batches of ``inputs`` and ``data_samples``.

    Yields:
        A sample's key and its picture (H, W, 3), uint8, BGR: the inputs, then the ground truth if there is
        one, side by side.

    Raises:
        UserError: If the samples have no key.
    """
    for batch in loader:
        for index, sample in enumerate(batch["data_samples"]):
            if "key" not in sample:
                raise UserError(
                    "The samples have no key, by which a picture could be named: let the pipeline's "
                    "PackInputs pack it, with meta_keys=['key']."
                )
            images = _inputs_of(batch["inputs"], index)
            if "gt_img" in sample:
                images.append(sample.gt_img)
            yield sample.key, side_by_side([tensor_to_image(image) for image in images])


def _inputs_of(inputs: list[Tensor] | dict[str, list[Tensor]], index: int) -> list[Tensor]:
    """Pick the input or inputs (3, H, W) of one sample out of a collated batch."""
    if isinstance(inputs, dict):
        return [images[index] for images in inputs.values()]
    return [inputs[index]]
