from .fidelity import psnr, ssim

__all__ = ["psnr", "ssim"]
