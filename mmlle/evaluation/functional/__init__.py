from .faithfulness import (
    burnt_pixels,
    chroma_ratio,
    highlight_psnr,
    hue_shift,
    identity_psnr,
    shadow_luma,
)
from .fidelity import MAX_PSNR, delta_e, gradient_correlation, match_mean, psnr, ssim
from .flicker import Flicker, block_lumas, flicker
from .naturalness import PristineModel, loe, niqe
from .perceptual import LPIPSDistance

__all__ = [
    "Flicker",
    "LPIPSDistance",
    "MAX_PSNR",
    "PristineModel",
    "block_lumas",
    "burnt_pixels",
    "chroma_ratio",
    "delta_e",
    "flicker",
    "gradient_correlation",
    "highlight_psnr",
    "hue_shift",
    "identity_psnr",
    "loe",
    "match_mean",
    "niqe",
    "psnr",
    "shadow_luma",
    "ssim",
]
