from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmlle.registry import TRANSFORMS

__all__ = ["PadToSize"]


@TRANSFORMS.register_module()
class PadToSize(BaseTransform):
    """Pad images that are too small by reflection; others are left as they are.

    Required and modified keys: ``keys``, each (H, W, C). The padding is split between both sides. To be put
    before a crop, which would otherwise give less than was asked for.

    Args:
        keys: The images.
        size: Smallest height and width, in pixels.
    """

    def __init__(self, keys: Sequence[str], size: tuple[int, int]) -> None:
        self.keys = keys
        self.size = size

    def transform(self, results: dict) -> dict:
        """Pad the images."""
        for key in self.keys:
            missing = [
                max(side - given, 0) for side, given in zip(self.size, results[key].shape, strict=False)
            ]
            if any(missing):
                padding = [(side // 2, side - side // 2) for side in missing]
                results[key] = np.pad(results[key], [*padding, (0, 0)], mode="reflect")
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(keys={self.keys}, size={self.size})"
