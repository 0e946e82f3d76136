import numpy as np
from mmcv.transforms import BaseTransform

from mmlle.media.color import linear_to_srgb, srgb_to_linear
from mmlle.registry import TRANSFORMS

__all__ = ["MatchExposure"]


@TRANSFORMS.register_module()
class MatchExposure(BaseTransform):
    """Give the brighter ones of several exposures the light of the darkest: they differ in noise alone then.

    The linear light is multiplied by one factor, so that its mean becomes that of the darkest image.

    Required and modified keys: those of ``keys``, (H, W, 3) uint8 in sRGB, in any order of channels.

    Args:
        keys: Which images, of one scene.
    """

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys

    def transform(self, results: dict) -> dict:
        """Match the images."""
        lights = {key: srgb_to_linear(results[key] / 255) for key in self.keys}
        least = min(light.mean() for light in lights.values())
        for key, light in lights.items():
            if light.mean() > least:
                results[key] = np.rint(255 * linear_to_srgb(light * (least / light.mean()))).astype(np.uint8)
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(keys={self.keys})"
