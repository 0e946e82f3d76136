from .fidelity import luma, psnr, ssim

__all__ = ["luma", "psnr", "ssim"]
