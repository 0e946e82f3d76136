"""Datasets, samplers and transforms; importing the package registers all of them."""

from .decoded_image_cache import DecodedImageCache
from .image_folder_dataset import ImageFolderDataset, MissingDataError
from .low_light_dataset import LowLightDataset
from .multi_exposure_dataset import MultiExposureDataset
from .pass_sampler import PassSampler
from .seeded_dataset import SeededDataset, SeededIndex
from .super_resolution_dataset import SuperResolutionDataset
from .transforms import (
    CropPair,
    DarkenByCurve,
    LoadImage,
    MakeLowResolution,
    PadToSize,
    RandomDarken,
    SynthesizeLowLight,
)
from .unpaired_low_light_dataset import UnpairedLowLightDataset

__all__ = [
    "CropPair",
    "DarkenByCurve",
    "DecodedImageCache",
    "ImageFolderDataset",
    "LoadImage",
    "LowLightDataset",
    "MakeLowResolution",
    "MissingDataError",
    "MultiExposureDataset",
    "PadToSize",
    "PassSampler",
    "RandomDarken",
    "SeededDataset",
    "SeededIndex",
    "SuperResolutionDataset",
    "SynthesizeLowLight",
    "UnpairedLowLightDataset",
]
