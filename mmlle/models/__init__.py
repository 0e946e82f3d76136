"""Models, networks, losses and the data preprocessor; importing the package registers all of them."""

from .archs import VGGFeatures
from .base_enhancer import BaseEnhancer
from .data_preprocessor import EnhancerDataPreprocessor
from .editors.enhancenet import EnhanceNet, EnhanceNetDiscriminator, EnhanceNetGenerator
from .editors.pairlie import PairLIE, RetinexDecompositionNet
from .editors.sgz import SGZ, EFENet
from .editors.zero_dce import ZeroDCE, ZeroDCENet
from .losses import (
    ColorConstancyLoss,
    ExposureControlLoss,
    IlluminationSmoothnessLoss,
    PerceptualFeatureLoss,
    ProjectionLoss,
    ReflectanceConsistencyLoss,
    RetinexLoss,
    SemanticGuidanceLoss,
    SpatialConsistencyLoss,
    TextureMatchingLoss,
)

__all__ = [
    "SGZ",
    "BaseEnhancer",
    "ColorConstancyLoss",
    "EFENet",
    "EnhanceNet",
    "EnhanceNetDiscriminator",
    "EnhanceNetGenerator",
    "EnhancerDataPreprocessor",
    "ExposureControlLoss",
    "IlluminationSmoothnessLoss",
    "PairLIE",
    "PerceptualFeatureLoss",
    "ProjectionLoss",
    "ReflectanceConsistencyLoss",
    "RetinexDecompositionNet",
    "RetinexLoss",
    "SemanticGuidanceLoss",
    "SpatialConsistencyLoss",
    "TextureMatchingLoss",
    "VGGFeatures",
    "ZeroDCE",
    "ZeroDCENet",
]
