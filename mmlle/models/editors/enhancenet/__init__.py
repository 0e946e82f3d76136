from .enhancenet_generator import EnhanceNetGenerator

__all__ = ["EnhanceNetGenerator"]
