from .dual_discriminator import DualDiscriminator
from .enlightengan import EnlightenGAN
from .enlightengan_generator import EnlightenGANGenerator

__all__ = ["DualDiscriminator", "EnlightenGAN", "EnlightenGANGenerator"]
