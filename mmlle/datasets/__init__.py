"""Datasets, samplers and transforms; importing the package registers all of them."""

from .low_light_dataset import LowLightDataset
from .pass_sampler import PassSampler
from .seeded_dataset import SeededDataset
from .transforms import Darken, LoadImage, PadToSize
from .unpaired_low_light_dataset import UnpairedLowLightDataset

__all__ = [
    "Darken",
    "LoadImage",
    "LowLightDataset",
    "PadToSize",
    "PassSampler",
    "SeededDataset",
    "UnpairedLowLightDataset",
]
