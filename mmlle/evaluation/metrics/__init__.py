from .fidelity import PSNR, SSIM

__all__ = ["PSNR", "SSIM"]
