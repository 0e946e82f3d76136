from .fidelity import PSNR, SSIM, DeltaE, GradientCorrelation

__all__ = ["PSNR", "SSIM", "DeltaE", "GradientCorrelation"]
