"""Image quality: pure functions, and the metrics registered around them."""

from .metrics import PSNR, SSIM, DeltaE, GradientCorrelation, TopKRecognition

__all__ = [
    "PSNR",
    "SSIM",
    "TopKRecognition",
    "DeltaE",
    "GradientCorrelation",
]
