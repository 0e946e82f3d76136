"""Models, networks, losses and the data preprocessor; importing the package registers all of them."""

from .archs import PatchGANDiscriminator, VGGFeatures
from .base_enhancer import BaseEnhancer
from .data_preprocessor import EnhancerDataPreprocessor
from .editors.enlightengan import DualDiscriminator, EnlightenGAN, EnlightenGANGenerator
from .editors.sgz import SGZ, EFENet
from .editors.zero_dce import ZeroDCE, ZeroDCENet
from .losses import (
    ColorConstancyLoss,
    ColorPreservationLoss,
    ExposureControlLoss,
    IlluminationSmoothnessLoss,
    RelativisticGANLoss,
    SelfFeaturePreservingLoss,
    SemanticGuidanceLoss,
    SpatialConsistencyLoss,
)

__all__ = [
    "SGZ",
    "BaseEnhancer",
    "ColorConstancyLoss",
    "ColorPreservationLoss",
    "DualDiscriminator",
    "EFENet",
    "EnhancerDataPreprocessor",
    "EnlightenGAN",
    "EnlightenGANGenerator",
    "ExposureControlLoss",
    "IlluminationSmoothnessLoss",
    "PatchGANDiscriminator",
    "RelativisticGANLoss",
    "SelfFeaturePreservingLoss",
    "SemanticGuidanceLoss",
    "SpatialConsistencyLoss",
    "VGGFeatures",
    "ZeroDCE",
    "ZeroDCENet",
]
