import logging
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
from mmengine.logging import print_log
from tqdm import tqdm

from mmlle.media.color import mean_luma
from mmlle.media.image_io import IMAGE_SUFFIXES, UnreadableImageError, image_size, list_images, read_image
from mmlle.registry import DATASETS

from .decoded_image_cache import DecodedImageCache
from .low_light_dataset import MissingDataError
from .seeded_dataset import SeededDataset

__all__ = ["MultiExposureDataset"]


@DATASETS.register_module()
class MultiExposureDataset(SeededDataset):
    """Scenes photographed several times from one place with different exposures, two frames at a time.

    A folder below the root is a scene, whatever it and its images are called. In a pass over the data each
    scene gives one sample: two different frames, drawn anew each time, in either order. Scenes that cannot
    give a pair are left out, and a warning names them.

    Each sample of the pipeline starts as ``img`` and ``img2``, (H, W, 3) uint8, BGR, of one size; their files
    ``img_path`` and ``img2_path``; and ``key``, the name of the scene.

    Args:
        data_root: Folder of the scenes.
        pipeline: Transforms. What changes positions must treat ``img`` and ``img2`` alike, as
            ``mmagic.FixedCrop`` and ``mmagic.Flip`` do and ``mmagic.Crop`` does not.
        luma_range: Least and largest mean luma (BT.601, 0–255) of the frames to be used; None for all.
        min_luma_gap: By how much the mean lumas of a pair's frames differ at least.
        exclude: Names of scenes to leave out, such as those held out for validation.
        cache_dir: Folder of a :class:`DecodedImageCache`; None to decode both photographs for each sample.
        max_refetch: How many other scenes are tried where a frame cannot be read.
        prepare: The command that makes the data, for the message when it is missing.
        lazy_init: Whether to look at the folder only when the first sample is asked for.

    Raises:
        MissingDataError: If the folder is missing or no scene has a pair.
        UserError: If the decoded images do not fit on the disk of ``cache_dir``.

    Examples:
        >>> dataset = MultiExposureDataset('data/SICE', luma_range=(15, 90))
        >>> sample = dataset[0]
        >>> sample['img'].shape == sample['img2'].shape
        True
    """

    METAINFO = dict(dataset_type="multi_exposure", task_name="low_light_enhancement")

    def __init__(
        self,
        data_root: str,
        pipeline: list[dict | Callable] | None = None,
        luma_range: tuple[float, float] | None = None,
        min_luma_gap: float = 0,
        exclude: Sequence[str] = (),
        cache_dir: str | None = None,
        max_refetch: int = 100,
        prepare: str | None = None,
        lazy_init: bool = False,
    ) -> None:
        self.luma_range = luma_range
        self.min_luma_gap = min_luma_gap
        self.exclude = frozenset(exclude)
        self.cache = cache_dir and DecodedImageCache(cache_dir)
        self.prepare = prepare
        super().__init__(
            data_root=str(data_root),
            data_prefix=dict(),
            pipeline=pipeline or [],
            max_refetch=max_refetch,
            lazy_init=lazy_init,
        )

    def load_data_list(self) -> list[dict]:
        """Find the scenes and the pairs of frames of each; see the class."""
        scenes = self._find()
        if self.cache:
            self.cache.build(path for frames in scenes.values() for path in frames)
        usable, left_out = [], []
        for scene, frames in tqdm(scenes.items(), "looking at scenes", unit="scene", disable=None):
            try:
                usable.append(dict(key=scene, pairs=self._pairs(frames)))
            except _UnusableSceneError as reason:
                left_out.append(f"{scene} ({reason})")
        if not usable:
            raise self._missing(f"has no scene of which two frames can be paired: {'; '.join(left_out[:5])}")
        if left_out:
            print_log(
                f"{len(left_out)} of the {len(scenes)} scenes in {self.data_root} are left out: "
                f"{'; '.join(left_out)}.",
                logger="current",
                level=logging.WARNING,
            )
        return usable

    def prepare_data(self, idx: int) -> dict:
        """Draw two frames of a scene and apply the pipeline.

        Args:
            idx: The scene's index.
        """
        scene = self.get_data_info(idx)
        sample = dict(key=scene["key"])
        drawn = scene["pairs"][np.random.randint(len(scene["pairs"]))]
        for name, path in zip(("img", "img2"), drawn, strict=True):
            sample |= {name: self._read(path), f"{name}_path": path}
        return self.pipeline(sample)

    def _find(self) -> dict[str, list[str]]:
        """Paths of the images by the folder they are in."""
        scenes = defaultdict(list)
        for path in list_images(self.data_root):
            scene = os.path.dirname(path)
            if scene not in self.exclude:
                scenes[scene].append(os.path.join(self.data_root, path))
        if not scenes:
            raise self._missing("holds no scene" if os.path.isdir(self.data_root) else "does not exist")
        return scenes

    def _missing(self, wrong: str) -> MissingDataError:
        remedy = f"Make it with `{self.prepare}`" if self.prepare else "Put one folder for each scene there"
        return MissingDataError(
            f"The folder {self.data_root} (of {type(self).__name__}, looked for from {Path.cwd()}) {wrong}. "
            "It should hold <scene>/<image>, several exposures of one size in each scene; images end in "
            f"{' '.join(IMAGE_SUFFIXES)}. {remedy}, or name another folder with data_root of the dataset's "
            "config."
        )

    def _pairs(self, frames: list[str]) -> list[tuple[str, str]]:
        """Give the ordered pairs that may be drawn of a scene's frames.

        Raises:
            _UnusableSceneError: If there is none, or the frames differ in size.
        """
        sizes, lumas = {}, {}
        for path in frames:
            try:
                sizes[path] = self._size(path)
                lumas[path] = self._luma(path)
            except UnreadableImageError as error:
                print_log(f"{error} Its scene goes on without it.", logger="current", level=logging.WARNING)
        if len(set(sizes.values())) > 1:
            listing = ", ".join(f"{os.path.basename(path)} {h}x{w}" for path, (h, w) in sizes.items())
            raise _UnusableSceneError(f"frames of different sizes, height x width: {listing}")
        low, high = self.luma_range or (0, 255)
        usable = [path for path, luma in lumas.items() if low <= luma <= high]
        if len(usable) < 2:
            wanted = f", of mean luma {low} to {high}" if self.luma_range else ""
            raise _UnusableSceneError(f"fewer than two usable frames{wanted}: {len(usable)} of {len(frames)}")
        pairs = [
            (one, other)
            for one, other in permutations(usable, 2)
            if abs(lumas[one] - lumas[other]) >= self.min_luma_gap
        ]
        if not pairs:
            raise _UnusableSceneError(f"no two frames differ by {self.min_luma_gap} in mean luma")
        return pairs

    def _read(self, path: str) -> np.ndarray:
        return self.cache.read(path) if self.cache else read_image(path)

    def _size(self, path: str) -> tuple[int, int]:
        return self.cache.read(path).shape[:2] if self.cache else image_size(path)

    def _luma(self, path: str) -> float:
        if self.luma_range is None and not self.min_luma_gap:
            return 0.0  # nobody asks, and without a cache it takes a decoding
        return self.cache.mean_luma(path) if self.cache else mean_luma(read_image(path))


class _UnusableSceneError(Exception):
    """Why a scene gives no pair."""
