"""The quality benchmark: four kinds of photographs, judged at once."""

from .quality_set import QUALITY_SETS, Photograph, QualitySet
from .report import to_markdown
from .sources import ModelSource, ResultSource, Unchanged, open_source

__all__ = [
    "QUALITY_SETS",
    "ModelSource",
    "Photograph",
    "QualitySet",
    "ResultSource",
    "Unchanged",
    "open_source",
    "to_markdown",
]
