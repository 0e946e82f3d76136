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
from mmlle.media.image_io import UnreadableImageError, image_size, read_image
from mmlle.registry import DATASETS

from .decoded_image_cache import DecodedImageCache
from .image_folder_dataset import ImageFolderDataset

__all__ = ["MultiExposureDataset"]


@DATASETS.register_module()
class MultiExposureDataset(ImageFolderDataset):
    """Scenes photographed several times from one place with different exposures, two frames at a time.

    A folder below the root is a scene, whatever it and its images are called. In a pass over the data each
    scene gives one sample: two different frames, drawn anew each time, in either order. Scenes that cannot
    give a pair are left out, and a warning names them. Scenes of several roots, each with settings of its
    own, are put together by mmengine's ConcatDataset.

    Each sample of the pipeline starts as ``img`` and ``img2``, (H, W, 3) uint8, BGR, of one size; their files
    ``img_path`` and ``img2_path``; and ``key``, the name of the scene.

    ``data_prefix`` names ``img``, the folder of the scenes (default: ``data_root`` itself). The arguments
    that are not listed are those of :class:`ImageFolderDataset`.

    Args:
        data_root: Folder of the scenes.
        pipeline: Transforms. What changes positions must treat ``img`` and ``img2`` alike, as
            ``mmagic.FixedCrop`` and ``mmagic.Flip`` do and ``mmagic.Crop`` does not.
        luma_range: Least and largest mean luma (BT.601, 0–255) of the frames to be used; None for all.
        min_luma_gap: By how much the mean lumas of a pair's frames differ at least.
        cache_dir: Folder of a :class:`DecodedImageCache`; None to decode both photographs for each sample.

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
    LAYOUT = "<scene>/<image>, several exposures of one size in each scene"

    def __init__(
        self,
        data_root: str | Path = "",
        pipeline: Sequence[dict | Callable] | None = None,
        luma_range: tuple[float, float] | None = None,
        min_luma_gap: float = 0,
        cache_dir: str | None = None,
        data_prefix: dict[str, str | None] | None = None,
        indices: int | Sequence[int] | None = None,
        test_mode: bool = False,
        max_refetch: int = 100,
        exclude: Sequence[str] = (),
        prepare: str | None = None,
        lazy_init: bool = False,
        metainfo: dict | None = None,
        filter_cfg: dict | None = None,
        serialize_data: bool = True,
    ) -> None:
        self.luma_range = luma_range
        self.min_luma_gap = min_luma_gap
        self.cache = DecodedImageCache(cache_dir) if cache_dir else None
        super().__init__(
            data_root=data_root,
            data_prefix=data_prefix,
            pipeline=pipeline,
            indices=indices,
            test_mode=test_mode,
            max_refetch=max_refetch,
            exclude=exclude,
            prepare=prepare,
            lazy_init=lazy_init,
            metainfo=metainfo,
            filter_cfg=filter_cfg,
            serialize_data=serialize_data,
        )

    def load_data_list(self) -> list[dict]:
        """Find the scenes and the pairs of frames of each; see the class."""
        scenes = self._scenes()
        if self.cache:
            self.cache.build(path for frames in scenes.values() for path in frames)
        usable, left_out = [], []
        for scene, frames in tqdm(scenes.items(), "looking at scenes", unit="scene", disable=None):
            try:
                usable.append(dict(key=scene, pairs=self._pairs(frames)))
            except _UnusableSceneError as reason:
                left_out.append(f"{scene} ({reason})")
        if not usable:
            raise self._missing(
                "img", f"has no scene of which two frames can be paired: {'; '.join(left_out[:5])}"
            )
        if left_out:
            print_log(
                f"{len(left_out)} of the {len(scenes)} scenes in {self.data_prefix['img']} are left out: "
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

    def _scenes(self) -> dict[str, list[str]]:
        """Paths of the images by the folder they are in."""
        folder, scenes = self.data_prefix["img"], defaultdict(list)
        for path in self._find("img"):
            scenes[os.path.dirname(path)].append(os.path.join(folder, path))
        return scenes

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
        if self.cache:
            height, width, _ = self.cache.read(path).shape
            return height, width
        return image_size(path)

    def _luma(self, path: str) -> float:
        if self.luma_range is None and not self.min_luma_gap:
            return 0.0  # nobody asks, and without a cache it takes a decoding
        return self.cache.mean_luma(path) if self.cache else mean_luma(read_image(path))


class _UnusableSceneError(Exception):
    """Why a scene gives no pair."""
