from mmcv.transforms import BaseTransform

from mmlle.media.image_io import read_image
from mmlle.registry import TRANSFORMS

from ..decoded_image_cache import DecodedImageCache

__all__ = ["LoadImage"]


@TRANSFORMS.register_module()
class LoadImage(BaseTransform):
    """Read the image at ``{key}_path`` into ``key``.

    Required keys: ``{key}_path``. Added keys: ``key``, (H, W, 3) uint8, BGR as in all of OpenMMLab.
    A sample without the path is left as it is: ground truth is optional.

    Args:
        key: Which image to load, ``'img'`` or ``'gt'``.
        cache_dir: Folder of a :class:`DecodedImageCache`, which fills up as images are read; None to decode
            the image each time.
    """

    def __init__(self, key: str = "img", cache_dir: str | None = None) -> None:
        self.key = key
        self.cache_dir = cache_dir
        self.read = DecodedImageCache(cache_dir).read if cache_dir else read_image

    def transform(self, results: dict) -> dict:
        """Load the image.

        Raises:
            UnreadableImageError: If the file is missing, cut short or not an image.
        """
        path = results.get(f"{self.key}_path")
        if path is not None:
            results[self.key] = self.read(path)
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(key={self.key!r}, cache_dir={self.cache_dir!r})"
