import numpy as np
from mmcv.transforms import BaseTransform

from mmlle.registry import TRANSFORMS
from mmlle.utils.image_io import read_image

__all__ = ["LoadImage"]


@TRANSFORMS.register_module()
class LoadImage(BaseTransform):
    """Read the image at ``{key}_path`` into ``key``.

    Required keys: ``{key}_path``. Added keys: ``key``, (H, W, 3) uint8, BGR as in all of OpenMMLab.
    A sample without the path is left as it is: ground truth is optional.

    Args:
        key: Which image to load, ``'img'`` or ``'gt'``.
        keep: Whether to keep every image in memory once it is decoded; each of the data loader's workers
            keeps its own. For small sets that are read many times over.
    """

    def __init__(self, key: str = "img", keep: bool = False) -> None:
        self.key = key
        self.keep = keep
        self._kept: dict[str, np.ndarray] = {}

    def transform(self, results: dict) -> dict:
        """Load the image.

        Raises:
            UnreadableImageError: If the file is missing, cut short or not an image.
        """
        path = results.get(f"{self.key}_path")
        if path is not None:
            results[self.key] = self._load(path)
        return results

    def _load(self, path: str) -> np.ndarray:
        if not self.keep:
            return read_image(path)
        if path not in self._kept:
            self._kept[path] = read_image(path)
        # Some transforms work in place.
        return self._kept[path].copy()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(key={self.key!r}, keep={self.keep})"
