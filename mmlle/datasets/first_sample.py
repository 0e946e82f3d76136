"""A trial of a data set's pipeline on one image, before a training or test begins."""

from contextlib import suppress
from typing import Any

from mmlle.media.image_io import UnreadableImageError
from mmlle.utils.errors import ImageSizeError, UserError, one_line

from .parts import parts_of
from .seeded_dataset import SeededDataset, randomness_from

__all__ = ["PipelineError", "try_first_sample"]


class PipelineError(UserError, ValueError):
    """A pipeline that does not fit its images."""


def try_first_sample(dataset: Any, path: str) -> None:
    """Run the pipelines of our datasets, alone or within ConcatDataset and RepeatDataset, on one image each.

    Args:
        dataset: The data set; those of others pass.
        path: Where it is in the config, for the message.

    Raises:
        PipelineError: If a step fails, or cuts a piece out of the image that is larger than it, of which
            MMagic's transforms make smaller ones than the config says.
    """
    for where, each in parts_of(dataset, path):
        if isinstance(each, SeededDataset):
            with randomness_from(0):
                _try(each, where)


def _try(dataset: SeededDataset, path: str) -> None:
    steps = dataset.pipeline

    def run(sample: dict | None) -> dict | None:
        """Take the place of the pipeline."""
        name = next(
            (value for key, value in (sample or {}).items() if key.endswith("_path")), "the first image"
        )
        for index, step in enumerate(steps.transforms):
            what = f"{path}.pipeline.{index} ({type(step).__name__})"
            if sample is None:
                break
            _check_crop(step, sample, what, name)
            try:
                sample = step(sample)
            except UserError:
                raise
            except Exception as error:
                text = " ".join(f"{type(error).__name__}: {error}".split())
                raise PipelineError(one_line(f"{what} fails on {name}: {text}")) from error
        return sample

    dataset.pipeline = run
    try:
        # In training another image takes the place of one that cannot be used, and in testing it is named.
        with suppress(UnreadableImageError, ImageSizeError):
            dataset.prepare_data(0)
    finally:
        dataset.pipeline = steps


def _check_crop(step: Any, sample: dict, what: str, name: str) -> None:
    size = getattr(step, "crop_size", None)
    if not isinstance(size, (list, tuple)) or len(size) != 2 or getattr(step, "is_pad_zeros", False):
        return
    for key in getattr(step, "keys", ()):
        image = sample.get(key)
        shape: tuple[int, ...] = getattr(image, "shape", ())
        if len(shape) >= 2 and (shape[0] < size[0] or shape[1] < size[1]):
            raise PipelineError(
                f"{what} cuts {size[0]}x{size[1]} out of {name}, which has {shape[0]}x{shape[1]} there "
                "(height x width). Choose a smaller crop_size, or larger images."
            )
