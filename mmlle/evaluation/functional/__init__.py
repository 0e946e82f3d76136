from .fidelity import delta_e, gradient_correlation, luma, psnr, ssim

__all__ = [
    "luma",
    "psnr",
    "ssim",
    "delta_e",
    "gradient_correlation",
]
