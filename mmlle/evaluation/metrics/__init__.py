from .fidelity import PSNR, SSIM, DeltaE, GradientCorrelation
from .recognition import TopKRecognition

__all__ = [
    "PSNR",
    "SSIM",
    "TopKRecognition",
    "DeltaE",
    "GradientCorrelation",
]
