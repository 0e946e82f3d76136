from .load_image import LoadImage
from .synthesize_low_light import SynthesizeLowLight

__all__ = ["LoadImage", "SynthesizeLowLight"]
