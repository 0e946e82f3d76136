from .fidelity import delta_e, gradient_correlation, psnr, ssim

__all__ = [
    "psnr",
    "ssim",
    "delta_e",
    "gradient_correlation",
]
