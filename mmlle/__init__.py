"""MMLLE: low-light image enhancement and EnhanceNet super-resolution for OpenMMLab."""

from .version import __version__

__all__ = ["__version__"]
