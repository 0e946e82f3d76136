from .fidelity import delta_e, gradient_correlation, psnr, ssim

__all__ = ["delta_e", "gradient_correlation", "psnr", "ssim"]
