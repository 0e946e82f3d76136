from .darken import Darken
from .load_image import LoadImage
from .pad_to_size import PadToSize

__all__ = ["Darken", "LoadImage", "PadToSize"]
