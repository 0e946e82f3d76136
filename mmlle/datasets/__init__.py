"""Datasets, samplers and transforms; importing the package registers all of them."""

from .low_light_dataset import LowLightDataset
from .pass_sampler import PassSampler
from .seeded_dataset import SeededDataset
from .transforms import CropPair, LoadImage, MakeLowResolution, MatchLowResolution

__all__ = [
    "CropPair",
    "LoadImage",
    "LowLightDataset",
    "MakeLowResolution",
    "MatchLowResolution",
    "PassSampler",
    "SeededDataset",
]
