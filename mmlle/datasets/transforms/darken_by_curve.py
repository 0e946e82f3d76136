import numpy as np
from mmcv.transforms import BaseTransform

from mmlle.registry import TRANSFORMS

__all__ = ["DarkenByCurve"]


@TRANSFORMS.register_module()
class DarkenByCurve(BaseTransform):
    r"""Darken images by the light curve of Zero-DCE, which leaves black and white where they are.

    .. math:: x \leftarrow x + r (x^2 - x),\quad r \sim U(0, r_{\max})

    in eight steps: what a camera gives that exposes for a bright sky, in whose photographs the ground is dark
    and the sky is not. (:class:`SynthesizeLowLight` takes light from all parts alike.)

    Required and modified keys: those of ``keys``, uint8 arrays of any shape, all by one curve.

    Args:
        keys: Which images.
        largest: :math:`r_{\max}`, above 0, at most 1.
        prob: Probability of it.

    Raises:
        ValueError: If ``largest`` is not in (0, 1].
    """

    steps = 8

    def __init__(self, keys: list[str], largest: float = 0.5, prob: float = 1.0) -> None:
        if not 0 < largest <= 1:
            raise ValueError(f"largest must be above 0 and at most 1, got {largest}.")
        self.keys = keys
        self.largest = largest
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """Darken the images."""
        if np.random.random() < self.prob:
            parameter = np.random.uniform(0, self.largest)
            values = np.linspace(0, 1, 256)
            for _ in range(self.steps):
                values += parameter * (values**2 - values)
            table = np.rint(255 * values).astype(np.uint8)
            for key in self.keys:
                results[key] = table[results[key]]
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(keys={self.keys}, largest={self.largest}, prob={self.prob})"
