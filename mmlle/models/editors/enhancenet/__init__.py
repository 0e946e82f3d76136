from .enhancenet import EnhanceNet
from .enhancenet_discriminator import EnhanceNetDiscriminator
from .enhancenet_generator import EnhanceNetGenerator

__all__ = ["EnhanceNet", "EnhanceNetDiscriminator", "EnhanceNetGenerator"]
