"""Tiny images, films and models for tests, ours and those of projects that build on this package."""

from .films import read_film, write_film
from .images import dark_image, write_images
from .models import (
    tiny_enhancenet,
    tiny_enhancenet_pat,
    tiny_enlightengan,
    tiny_global_curve,
    tiny_pairlie,
    tiny_segmentor,
    tiny_sgz,
    tiny_zero_dce,
)

__all__ = [
    "dark_image",
    "read_film",
    "tiny_enhancenet",
    "tiny_enhancenet_pat",
    "tiny_enlightengan",
    "tiny_global_curve",
    "tiny_pairlie",
    "tiny_segmentor",
    "tiny_sgz",
    "tiny_zero_dce",
    "write_film",
    "write_images",
]
