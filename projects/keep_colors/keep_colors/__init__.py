"""SGZ that keeps colours: an example of a project that extends mmlle."""

from .colorful_sgz import ColorfulSGZ, pale_loss

__all__ = ["ColorfulSGZ", "pale_loss"]
