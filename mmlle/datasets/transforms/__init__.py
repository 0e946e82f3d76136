from .crop_pair import CropPair
from .darken import Darken
from .load_image import LoadImage
from .make_low_resolution import MakeLowResolution
from .match_low_resolution import MatchLowResolution
from .pad_to_size import PadToSize
from .synthesize_low_light import SynthesizeLowLight

__all__ = [
    "CropPair",
    "LoadImage",
    "MakeLowResolution",
    "MatchLowResolution",
    "SynthesizeLowLight",
    "Darken",
    "PadToSize",
]
