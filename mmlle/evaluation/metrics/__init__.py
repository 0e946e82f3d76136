from .fidelity import PSNR, SSIM
from .recognition import TopKRecognition

__all__ = ["PSNR", "SSIM", "TopKRecognition"]
