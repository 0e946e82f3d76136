"""Networks that several methods share."""

from .curve_estimator import CurveEstimator, JoinedConv2d
from .frozen import FrozenNetwork
from .patchgan_discriminator import PatchGANDiscriminator
from .segmentor import build_segmentor, load_segmentor_weights
from .vgg_features import VGGFeatures

__all__ = [
    "CurveEstimator",
    "FrozenNetwork",
    "JoinedConv2d",
    "PatchGANDiscriminator",
    "VGGFeatures",
    "build_segmentor",
    "load_segmentor_weights",
]
