"""Models, networks, losses and the data preprocessor; importing the package registers all of them."""

from .archs import PatchGANDiscriminator, VGGFeatures
from .base_enhancer import BaseEnhancer
from .curve_enhancer import CurveEnhancer
from .data_preprocessor import EnhancerDataPreprocessor
from .editors.enhancenet import EnhanceNet, EnhanceNetDiscriminator, EnhanceNetGenerator
from .editors.enlightengan import DualDiscriminator, EnlightenGAN, EnlightenGANGenerator
from .editors.global_curve import GlobalCurve, GlobalCurveNet
from .editors.pairlie import PairLIE, RetinexDecompositionNet
from .editors.sgz import SGZ, EFENet
from .editors.zero_dce import ZeroDCE, ZeroDCENet
from .losses import (
    ColorConstancyLoss,
    ColorPreservationLoss,
    ExposureControlLoss,
    HighlightLoss,
    IdentityLoss,
    IlluminationSmoothnessLoss,
    PerceptualFeatureLoss,
    ProjectionLoss,
    ReflectanceConsistencyLoss,
    RelativisticGANLoss,
    RetinexLoss,
    SelfFeaturePreservingLoss,
    SemanticGuidanceLoss,
    SpatialConsistencyLoss,
    TextureMatchingLoss,
)

__all__ = [
    "SGZ",
    "BaseEnhancer",
    "ColorConstancyLoss",
    "ColorPreservationLoss",
    "CurveEnhancer",
    "DualDiscriminator",
    "EFENet",
    "EnhanceNet",
    "EnhanceNetDiscriminator",
    "EnhanceNetGenerator",
    "EnhancerDataPreprocessor",
    "EnlightenGAN",
    "EnlightenGANGenerator",
    "ExposureControlLoss",
    "GlobalCurve",
    "GlobalCurveNet",
    "HighlightLoss",
    "IdentityLoss",
    "IlluminationSmoothnessLoss",
    "PairLIE",
    "PerceptualFeatureLoss",
    "ProjectionLoss",
    "ReflectanceConsistencyLoss",
    "RetinexDecompositionNet",
    "RetinexLoss",
    "PatchGANDiscriminator",
    "RelativisticGANLoss",
    "SelfFeaturePreservingLoss",
    "SemanticGuidanceLoss",
    "SpatialConsistencyLoss",
    "TextureMatchingLoss",
    "VGGFeatures",
    "ZeroDCE",
    "ZeroDCENet",
]
