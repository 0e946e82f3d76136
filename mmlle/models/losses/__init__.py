from .color_constancy_loss import ColorConstancyLoss, color_constancy_loss
from .exposure_control_loss import ExposureControlLoss, exposure_control_loss
from .illumination_smoothness_loss import IlluminationSmoothnessLoss, illumination_smoothness_loss
from .semantic_guidance_loss import SemanticGuidanceLoss, semantic_guidance_loss
from .spatial_consistency_loss import SpatialConsistencyLoss, spatial_consistency_loss

__all__ = [
    "ColorConstancyLoss",
    "ExposureControlLoss",
    "IlluminationSmoothnessLoss",
    "SemanticGuidanceLoss",
    "SpatialConsistencyLoss",
    "color_constancy_loss",
    "exposure_control_loss",
    "illumination_smoothness_loss",
    "semantic_guidance_loss",
    "spatial_consistency_loss",
]
