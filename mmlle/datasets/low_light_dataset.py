import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from mmlle.media.image_io import IMAGE_SUFFIXES, list_images
from mmlle.registry import DATASETS
from mmlle.utils.errors import UserError

from .seeded_dataset import SeededDataset

__all__ = ["LowLightDataset", "MissingDataError"]


class MissingDataError(UserError, FileNotFoundError):
    """Images that a data set should have and lacks."""


@DATASETS.register_module()
class LowLightDataset(SeededDataset):
    """A folder of photographs, with or without ground truth.

    Every image below the folder counts, in sub-folders too, in the order of their names. Ground truth has the
    same path below its own folder; its file type may differ.

    Each sample of the pipeline starts as ``img_path``, ``gt_path`` (with ground truth) and ``key``, the path
    below the folder without its ending.

    Args:
        data_root: Folder that the prefixes are relative to.
        data_prefix: ``img``: folder of the images; ``gt``: folder of the ground truth, None or absent for
            none.
        pipeline: Transforms.
        indices: How many of the images to take: so many of the first, or of the last if negative; None for
            all.
        test_mode: Whether an image that cannot be read is an error (testing) or replaced (training).
        max_refetch: How many others are tried in its place.
        prepare: The command that makes the data, for the message when it is missing.
        lazy_init: Whether to look at the folder only when the first sample is asked for.

    Raises:
        MissingDataError: If a folder is missing, holds no image, or lacks the ground truth of an image.

    Examples:
        >>> dataset = LowLightDataset('photos', pipeline=[dict(type='mmlle.LoadImage')], test_mode=True)
        >>> dataset[0]['img'].shape
        (400, 600, 3)
    """

    METAINFO = dict(dataset_type="low_light", task_name="low_light_enhancement")

    def __init__(
        self,
        data_root: str,
        data_prefix: dict[str, str | None] | None = None,
        pipeline: list[dict | Callable] | None = None,
        indices: int | None = None,
        test_mode: bool = False,
        max_refetch: int = 100,
        prepare: str | None = None,
        lazy_init: bool = False,
    ) -> None:
        prefix = {"img": "", "gt": None, **(data_prefix or {})}
        self.prepare = prepare
        super().__init__(
            data_root=str(data_root),
            data_prefix={key: folder for key, folder in prefix.items() if folder is not None},
            pipeline=pipeline or [],
            indices=indices,
            test_mode=test_mode,
            max_refetch=max_refetch,
            lazy_init=lazy_init,
        )

    def load_data_list(self) -> list[dict]:
        """Pair the images of the folders; see the class."""
        images = self._find("img")
        stems = Counter(stem(path) for path in images)
        # Of a.jpg and a.png, neither may hide the other's result.
        samples = [
            dict(
                key=stem(path) if stems[stem(path)] == 1 else path,
                img_path=os.path.join(self.data_prefix["img"], path),
            )
            for path in images
        ]
        if "gt" in self.data_prefix:
            found = self._find("gt")
            # Of a.jpg and a.png, each goes with its own.
            truths = {stem(path): path for path in found} | {path: path for path in found}
            pairs = [truths.get(path, truths.get(stem(path))) for path in images]
            missing = [path for path, truth in zip(images, pairs, strict=True) if truth is None]
            if missing:
                raise MissingDataError(
                    f"{len(missing)} of the {len(images)} images in {self.data_prefix['img']} have no ground "
                    f"truth of the same name in {self.data_prefix['gt']}: {', '.join(missing[:5])}"
                    f"{', ...' if len(missing) > 5 else ''}. Add it, or set data_prefix.gt=None."
                )
            for sample, truth in zip(samples, pairs, strict=True):
                sample["gt_path"] = os.path.join(self.data_prefix["gt"], truth)
        return samples

    def _find(self, prefix: str) -> list[str]:
        """Paths of a folder's images, relative to it."""
        folder = Path(self.data_prefix[prefix])
        found = list_images(folder)
        if not found:
            wrong = "holds no image" if folder.is_dir() else "does not exist"
            remedy = f"Make it with `{self.prepare}`" if self.prepare else "Put images there"
            raise MissingDataError(
                f"The folder {folder} ({prefix!r} of {type(self).__name__}, looked for from {Path.cwd()}) "
                f"{wrong}; images end in {' '.join(IMAGE_SUFFIXES)}. {remedy}, or name another folder with "
                "data_root and data_prefix of the dataset's config."
            )
        return found


def stem(path: str) -> str:
    """Give a path without the ending of its file name."""
    return os.path.splitext(path)[0]
