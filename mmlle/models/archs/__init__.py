"""Networks that several methods share."""

from .curve_estimator import CurveEstimator
from .frozen import FrozenNetwork
from .patchgan_discriminator import PatchGANDiscriminator
from .segmentor import build_segmentor, load_segmentor_weights
from .vgg_features import VGGFeatures

__all__ = [
    "CurveEstimator",
    "FrozenNetwork",
    "PatchGANDiscriminator",
    "VGGFeatures",
    "build_segmentor",
    "load_segmentor_weights",
]
