from .faithfulness import (
    burnt_pixels,
    chroma_ratio,
    highlight_psnr,
    hue_shift,
    identity_psnr,
    shadow_luma,
)
from .fidelity import delta_e, gradient_correlation, psnr, ssim
from .flicker import Flicker, block_lumas, flicker

__all__ = [
    "Flicker",
    "block_lumas",
    "burnt_pixels",
    "chroma_ratio",
    "delta_e",
    "flicker",
    "gradient_correlation",
    "highlight_psnr",
    "hue_shift",
    "identity_psnr",
    "psnr",
    "shadow_luma",
    "ssim",
]
