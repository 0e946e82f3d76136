"""Silence about PyTorch functions that transformers and diffusers call by their old names.

Upstream: the transformers 4.36 and diffusers 0.24 that MMagic 1.2 needs (see requirements/mminstall.txt),
under torch 2.2 and later. Each command would begin with four ``FutureWarning``s that its user can do nothing
about. Programs that import mmlle keep their own filters but for the moment in which a model is loaded. This
file can go when MMagic imports newer ones.
"""

import warnings

__all__ = ["silence"]


def silence() -> None:
    """Ignore their warnings of that kind, and nobody else's, from now on."""
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(transformers|diffusers)\.")
