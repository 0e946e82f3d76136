import numpy as np
from mmcv.transforms import BaseTransform

from mmlle.media.color import linear_to_srgb, srgb_to_linear
from mmlle.registry import TRANSFORMS

__all__ = ["MatchExposure"]


@TRANSFORMS.register_module()
class MatchExposure(BaseTransform):
    """Give several exposures of a scene the light of one of them: they differ in noise alone then.

    The linear light is multiplied by one factor, so that its mean becomes that of the image that is drawn as
    the reference. Black images stay.

    Required and modified keys: those of ``keys``, (H, W, 3) uint8 in sRGB, in any order of channels.

    Args:
        keys: Which images, of one scene.
    """

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys

    def transform(self, results: dict) -> dict:
        """Match the images."""
        lights = {key: srgb_to_linear(results[key] / 255) for key in self.keys}
        reference = self.keys[np.random.randint(len(self.keys))]
        wanted = lights[reference].mean()
        for key, light in lights.items():
            if key != reference and light.mean() > 0:
                matched = linear_to_srgb((light * (wanted / light.mean())).clip(0, 1))
                results[key] = np.rint(255 * matched).astype(np.uint8)
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(keys={self.keys})"
