from .crop_pair import CropPair
from .darken_by_curve import DarkenByCurve
from .load_image import LoadImage
from .make_low_resolution import MakeLowResolution
from .pad_to_size import PadToSize
from .random_darken import RandomDarken
from .synthesize_low_light import SynthesizeLowLight

__all__ = [
    "CropPair",
    "DarkenByCurve",
    "LoadImage",
    "MakeLowResolution",
    "PadToSize",
    "RandomDarken",
    "SynthesizeLowLight",
]
