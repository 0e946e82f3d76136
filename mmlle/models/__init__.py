"""Models, networks, losses and the data preprocessor; importing the package registers all of them."""

from .base_enhancer import BaseEnhancer
from .data_preprocessor import EnhancerDataPreprocessor
from .editors.pairlie import PairLIE, RetinexDecompositionNet
from .editors.sgz import SGZ, EFENet
from .editors.zero_dce import ZeroDCE, ZeroDCENet
from .losses import (
    ColorConstancyLoss,
    ExposureControlLoss,
    IlluminationSmoothnessLoss,
    ProjectionLoss,
    ReflectanceConsistencyLoss,
    RetinexLoss,
    SemanticGuidanceLoss,
    SpatialConsistencyLoss,
)

__all__ = [
    "SGZ",
    "BaseEnhancer",
    "ColorConstancyLoss",
    "EFENet",
    "EnhancerDataPreprocessor",
    "ExposureControlLoss",
    "IlluminationSmoothnessLoss",
    "PairLIE",
    "ProjectionLoss",
    "ReflectanceConsistencyLoss",
    "RetinexDecompositionNet",
    "RetinexLoss",
    "SemanticGuidanceLoss",
    "SpatialConsistencyLoss",
    "ZeroDCE",
    "ZeroDCENet",
]
