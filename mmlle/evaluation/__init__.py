"""Image quality: pure functions, and the metrics registered around them."""

from .metrics import PSNR, SSIM, TopKRecognition

__all__ = ["PSNR", "SSIM", "TopKRecognition"]
