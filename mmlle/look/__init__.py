"""The look of an enhanced photograph: its exposure, chosen for each photograph, its noise and its colours.

Only NumPy and OpenCV are needed; the enhancement is a function that takes strengths.
"""

from .film_look import FilmLook
from .look import Look
from .strength import MAX_STRENGTH

__all__ = ["MAX_STRENGTH", "FilmLook", "Look"]
