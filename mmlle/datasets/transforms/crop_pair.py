import numpy as np
from mmcv.transforms import BaseTransform

from mmlle.registry import TRANSFORMS
from mmlle.utils.errors import ImageSizeError

__all__ = ["CropPair"]


@TRANSFORMS.register_module()
class CropPair(BaseTransform):
    """Cut a low-resolution image and its ground truth to a random square, the same place in both.

    Required and modified keys: ``img``, (H, W, 3), and ``gt``, (scale * H, scale * W, 3). MMagic's
    PairedRandomCrop has no message for the user of a command, and wants a key ``scale``.

    Args:
        size: Side of the low-resolution square in pixels; the ground truth's is scale times as large.
        scale: How much larger the ground truth is.
    """

    def __init__(self, size: int, scale: int = 4) -> None:
        self.size = size
        self.scale = scale

    def transform(self, results: dict) -> dict:
        """Crop both.

        Raises:
            ImageSizeError: If the image is smaller than the square.
        """
        height, width = results["img"].shape[:2]
        if min(height, width) < self.size:
            raise ImageSizeError(
                f"The crop of {self.size}x{self.size} is larger than {results.get('img_path', '?')}, which "
                f"has {height}x{width} (height x width) at the low resolution. Take the image out of the "
                "folder, or choose a smaller crop in the dataset's pipeline."
            )
        top, left = np.random.randint(height - self.size + 1), np.random.randint(width - self.size + 1)
        for key, scale in (("img", 1), ("gt", self.scale)):
            rows, columns = (slice(scale * start, scale * (start + self.size)) for start in (top, left))
            results[key] = results[key][rows, columns]
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size}, scale={self.scale})"
