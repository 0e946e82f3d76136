from .faithfulness import (
    burnt_pixels,
    chroma_ratio,
    highlight_psnr,
    hue_shift,
    identity_psnr,
    shadow_luma,
)
from .fidelity import delta_e, gradient_correlation, psnr, ssim

__all__ = [
    "burnt_pixels",
    "chroma_ratio",
    "delta_e",
    "gradient_correlation",
    "highlight_psnr",
    "hue_shift",
    "identity_psnr",
    "psnr",
    "shadow_luma",
    "ssim",
]
