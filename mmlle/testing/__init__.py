"""Tiny images and models for tests, ours and those of projects that build on this package."""

from .images import dark_image, write_images
from .models import tiny_enlightengan, tiny_segmentor, tiny_sgz, tiny_zero_dce

__all__ = ["dark_image", "tiny_enlightengan", "tiny_segmentor", "tiny_sgz", "tiny_zero_dce", "write_images"]
