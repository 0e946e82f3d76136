from torch import nn

from mmlle.registry import MODELS

from .color_constancy_loss import ColorConstancyLoss, color_constancy_loss
from .color_preservation_loss import ColorPreservationLoss, color_preservation_loss
from .exposure_control_loss import ExposureControlLoss, exposure_control_loss
from .highlight_loss import HighlightLoss, highlight_loss
from .identity_loss import IdentityLoss, identity_loss
from .illumination_smoothness_loss import IlluminationSmoothnessLoss, illumination_smoothness_loss
from .perceptual_feature_loss import PerceptualFeatureLoss, perceptual_feature_loss
from .relativistic_gan_loss import RelativisticGANLoss, relativistic_gan_loss
from .retinex_losses import (
    ProjectionLoss,
    ReflectanceConsistencyLoss,
    RetinexLoss,
    retinex_loss,
)
from .self_feature_preserving_loss import SelfFeaturePreservingLoss, self_feature_preserving_loss
from .semantic_guidance_loss import SemanticGuidanceLoss, semantic_guidance_loss
from .spatial_consistency_loss import SpatialConsistencyLoss, spatial_consistency_loss
from .texture_matching_loss import TextureMatchingLoss, texture_matching_loss

__all__ = [
    "ColorConstancyLoss",
    "ColorPreservationLoss",
    "ExposureControlLoss",
    "HighlightLoss",
    "IdentityLoss",
    "IlluminationSmoothnessLoss",
    "PerceptualFeatureLoss",
    "ProjectionLoss",
    "ReflectanceConsistencyLoss",
    "RetinexLoss",
    "RelativisticGANLoss",
    "SelfFeaturePreservingLoss",
    "SemanticGuidanceLoss",
    "SpatialConsistencyLoss",
    "TextureMatchingLoss",
    "color_constancy_loss",
    "color_preservation_loss",
    "exposure_control_loss",
    "highlight_loss",
    "identity_loss",
    "illumination_smoothness_loss",
    "perceptual_feature_loss",
    "retinex_loss",
    "relativistic_gan_loss",
    "self_feature_preserving_loss",
    "semantic_guidance_loss",
    "spatial_consistency_loss",
    "texture_matching_loss",
]

# PyTorch's, for configs. MMagic's are the same, and take seconds to import, to enhance a photograph too.
for loss in (nn.L1Loss, nn.MSELoss):
    MODELS.register_module(module=loss)
