from .curve_estimator import CurveEstimator
from .frozen import FrozenNetwork
from .guide_weights import WeightsError
from .light_curve import apply_light_curve
from .pad_to_multiple import pad_to_multiple
from .patchgan_discriminator import PatchGANDiscriminator
from .segmentor import build_segmentor, load_segmentor_weights
from .tiled_forward import tiled_forward
from .vgg_features import VGGFeatures

__all__ = [
    "CurveEstimator",
    "FrozenNetwork",
    "PatchGANDiscriminator",
    "VGGFeatures",
    "WeightsError",
    "apply_light_curve",
    "build_segmentor",
    "load_segmentor_weights",
    "pad_to_multiple",
    "tiled_forward",
]
