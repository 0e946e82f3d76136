"""Image quality: pure functions, and the metrics registered around them."""

from .metrics import PSNR, SSIM, DeltaE, GradientCorrelation

__all__ = ["PSNR", "SSIM", "DeltaE", "GradientCorrelation"]
