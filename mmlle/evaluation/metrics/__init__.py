from .fidelity import PSNR, SSIM, DeltaE, GradientCorrelation
from .naturalness import LOE, NIQE, Faithfulness
from .perceptual import LPIPS
from .recognition import TopKRecognition

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
