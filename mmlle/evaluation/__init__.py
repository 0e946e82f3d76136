"""Image quality: pure functions, and the metrics registered around them."""

from .metrics import LOE, LPIPS, NIQE, PSNR, SSIM, DeltaE, Faithfulness, GradientCorrelation, TopKRecognition

__all__ = [
    "LOE",
    "LPIPS",
    "NIQE",
    "PSNR",
    "SSIM",
    "DeltaE",
    "Faithfulness",
    "GradientCorrelation",
    "TopKRecognition",
]
