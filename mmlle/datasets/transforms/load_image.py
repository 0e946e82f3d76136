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
    """

    def __init__(self, key: str = "img") -> None:
        self.key = key

    def transform(self, results: dict) -> dict:
        """Load the image.

        Raises:
            UnreadableImageError: If the file is missing, cut short or not an image.
        """
        path = results.get(f"{self.key}_path")
        if path is not None:
            results[self.key] = read_image(path)
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(key={self.key!r})"
