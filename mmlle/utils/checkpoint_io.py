import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mmlle.version import __version__

from .denormals import zero_denormals
from .files import write_bytes

__all__ = ["write_checkpoint"]


def write_checkpoint(path: str | Path, weights: Mapping[str, Tensor], meta: Mapping[str, Any]) -> None:
    """Write weights as a checkpoint, as a whole or not at all, with denormal numbers set to zero.

    Args:
        path: Where to; missing folders are made.
        weights: By their names in a model.
        meta: What else to keep, plain values by name; this package's version is added.
    """
    state = {name: value.clone() for name, value in weights.items()}
    zero_denormals(state.values())
    checkpoint = dict(state_dict=state, meta=dict(meta, mmlle_version=__version__))
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    write_bytes(path, buffer.getvalue())
