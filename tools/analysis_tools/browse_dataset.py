"""Pictures of what a model gets to see: ``python tools/analysis_tools/browse_dataset.py CONFIG``.

The samples are those of the first epoch, augmented as in training, in the same order.
"""

import argparse
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from mmengine.utils import ProgressBar
from torch import Tensor
from torch.utils.data import DataLoader

from mmlle.cli.command import add_config_arguments, read_config, run
from mmlle.engine.picture_hook import side_by_side
from mmlle.media.image_io import write_image
from mmlle.media.tensor_image import tensor_to_image
from mmlle.utils.errors import UserError

__all__ = ["build_loader", "main", "pictures"]


def build_loader(config: Config, split: str) -> DataLoader:
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
    # Augmentation does not depend on the worker; without workers, nothing is loaded in vain.
    settings = {**settings, "num_workers": 0, "persistent_workers": False}
    with DefaultScope.overwrite_default_scope(config.get("default_scope", "mmlle")):
        return Runner.build_dataloader(settings, seed=config.get("randomness", {}).get("seed"))


def pictures(loader: DataLoader) -> Iterator[tuple[str, np.ndarray]]:
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
            images = inputs_of(batch["inputs"], index)
            if "gt_img" in sample:
                images.append(sample.gt_img)
            yield sample.key, side_by_side([tensor_to_image(image) for image in images])


def inputs_of(inputs: list[Tensor] | dict[str, list[Tensor]], index: int) -> list[Tensor]:
    """Pick the input or inputs (3, H, W) of one sample out of a collated batch."""
    if isinstance(inputs, dict):
        return [images[index] for images in inputs.values()]
    return [inputs[index]]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_config_arguments(parser)
    parser.add_argument("--split", choices=["train", "val", "test"], default="train", help="which [train]")
    parser.add_argument("--num", type=int, default=20, help="how many samples [20]")
    parser.add_argument(
        "--out-dir", metavar="FOLDER", help="where the pictures go [outputs/browse/<config name>/<split>]"
    )
    args = parser.parse_args(argv)

    if args.num < 1:
        raise UserError(f"--num takes a number of at least 1, got {args.num}.")

    loader = build_loader(read_config(args), args.split)
    num = min(args.num, len(loader.dataset))
    out_dir = Path(args.out_dir or f"outputs/browse/{Path(args.config).stem}/{args.split}")
    bar = ProgressBar(num, file=sys.stderr)
    for key, picture in islice(pictures(loader), num):
        write_image(out_dir / f"{key}.png", picture)
        bar.update()
    print(file=sys.stderr)
    print(f"{bar.completed} pictures in {out_dir}")


if __name__ == "__main__":
    run(main)
