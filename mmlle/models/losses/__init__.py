from .color_constancy_loss import ColorConstancyLoss, color_constancy_loss
from .exposure_control_loss import ExposureControlLoss, exposure_control_loss
from .illumination_smoothness_loss import IlluminationSmoothnessLoss, illumination_smoothness_loss
from .perceptual_feature_loss import PerceptualFeatureLoss, perceptual_feature_loss
from .retinex_losses import (
    ProjectionLoss,
    ReflectanceConsistencyLoss,
    RetinexLoss,
    projection_loss,
    reflectance_consistency_loss,
    retinex_loss,
)
from .semantic_guidance_loss import SemanticGuidanceLoss, semantic_guidance_loss
from .spatial_consistency_loss import SpatialConsistencyLoss, spatial_consistency_loss
from .texture_matching_loss import TextureMatchingLoss, texture_matching_loss

__all__ = [
    "ColorConstancyLoss",
    "ExposureControlLoss",
    "IlluminationSmoothnessLoss",
    "PerceptualFeatureLoss",
    "ProjectionLoss",
    "ReflectanceConsistencyLoss",
    "RetinexLoss",
    "SemanticGuidanceLoss",
    "SpatialConsistencyLoss",
    "TextureMatchingLoss",
    "color_constancy_loss",
    "exposure_control_loss",
    "illumination_smoothness_loss",
    "perceptual_feature_loss",
    "projection_loss",
    "reflectance_consistency_loss",
    "retinex_loss",
    "semantic_guidance_loss",
    "spatial_consistency_loss",
    "texture_matching_loss",
]
