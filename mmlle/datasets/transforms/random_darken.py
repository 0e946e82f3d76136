import numpy as np
from mmcv.transforms import BaseTransform

from mmlle.registry import TRANSFORMS

__all__ = ["RandomDarken"]


@TRANSFORMS.register_module()
class RandomDarken(BaseTransform):
    """Divide an image by a random factor, as EnlightenGAN's code trains (Jiang et al., TIP 2021).

    Required keys: ``key``. Added keys: ``to``, (H, W, 3) float32 in the range of ``key``: a quotient of 8-bit
    values would lose most of what is left of a dark image if it were rounded.

    Args:
        key: The image to darken, which itself is left as it is.
        to: The name of the darkened one.
        probability: How often it is darkened; otherwise it is a copy.
        factors: Range from which the divisor is drawn.
    """

    def __init__(
        self,
        key: str = "img",
        to: str = "darkened",
        probability: float = 0.5,
        factors: tuple[float, float] = (2.0, 4.0),
    ) -> None:
        self.key = key
        self.to = to
        self.probability = probability
        self.factors = factors

    def transform(self, results: dict) -> dict:
        """Darken the image, or copy it."""
        chosen = np.random.random() < self.probability
        factor = np.random.uniform(*self.factors) if chosen else 1
        results[self.to] = results[self.key].astype(np.float32) / np.float32(factor)
        return results

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(key={self.key!r}, to={self.to!r}, probability={self.probability}, "
            f"factors={self.factors})"
        )
