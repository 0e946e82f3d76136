"""SGZ that keeps highlights: an example of a project that extends mmlle."""

from .highlight_sgz import HighlightSGZ, burning_loss

__all__ = ["HighlightSGZ", "burning_loss"]
