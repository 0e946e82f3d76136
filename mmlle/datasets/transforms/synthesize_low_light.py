import numpy as np
from mmcv.transforms import BaseTransform

from mmlle.datasets.low_light_synthesis import SHOT_NOISE_RANGE, draw_noise_level, simulate_low_light
from mmlle.registry import TRANSFORMS

__all__ = ["SynthesizeLowLight"]


@TRANSFORMS.register_module()
class SynthesizeLowLight(BaseTransform):
    """Simulate low light: lower the exposure of images and add the noise of a sensor.

    Each image gets an exposure and a noise level of its own, see :mod:`mmlle.datasets.low_light_synthesis`.
    It is for training on short exposures of well-lit scenes, which lack the noise of photographs taken in the
    dark.

    Required and modified keys: those of ``keys``, (H, W, 3) uint8 in sRGB, in any order of channels.

    Args:
        keys: Which images.
        exposure: Least and largest factor on the linear light, above 0; drawn uniformly in the logarithm.
        shot_noise: Least and largest shot noise, variance per linear signal in [0, 1].
        read_noise: Least and largest read noise, variance without signal; None for what goes with the shot
            noise in raw images. Photographs that a camera has processed have more.
        prob: Probability of it; all of the images or none.

    Raises:
        ValueError: If a range is empty or does not lie above 0.
    """

    def __init__(
        self,
        keys: list[str],
        exposure: tuple[float, float],
        shot_noise: tuple[float, float] = SHOT_NOISE_RANGE,
        read_noise: tuple[float, float] | None = None,
        prob: float = 1.0,
    ) -> None:
        ranges = dict(exposure=exposure, shot_noise=shot_noise, read_noise=read_noise or (1.0, 1.0))
        for name, (low, high) in ranges.items():
            if not 0 < low <= high:
                raise ValueError(f"{name} must be a range (low, high) above 0, got ({low}, {high}).")
        self.keys = keys
        self.exposure = exposure
        self.shot_noise = shot_noise
        self.read_noise = read_noise
        self.prob = prob

    def transform(self, results: dict) -> dict:
        """Darken the images."""
        # Seeded by the data set, see SeededDataset.
        rng = np.random.default_rng(np.random.randint(2**31))
        if rng.random() < self.prob:
            for key in self.keys:
                exposure = np.exp(rng.uniform(*np.log(self.exposure)))
                level = draw_noise_level(rng, self.shot_noise, self.read_noise)
                results[key] = simulate_low_light(results[key], exposure, rng, level)
        return results

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(keys={self.keys}, exposure={self.exposure}, "
            f"shot_noise={self.shot_noise}, read_noise={self.read_noise}, prob={self.prob})"
        )
