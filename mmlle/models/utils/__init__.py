"""What models share that is no network."""

from .enlarge_rows import enlarge_rows
from .fuse_batch_norm import fuse_batch_norm
from .guide_weights import WeightsError, fill_with_weights, read_weights
from .light_curve import apply_light_curve
from .normal_weights_init import NormalWeightsInit
from .pad_to_multiple import pad_to_multiple
from .pass_through_init import PassThroughInit
from .tiled_forward import tiled_forward

__all__ = [
    "NormalWeightsInit",
    "PassThroughInit",
    "WeightsError",
    "apply_light_curve",
    "enlarge_rows",
    "fill_with_weights",
    "fuse_batch_norm",
    "pad_to_multiple",
    "read_weights",
    "tiled_forward",
]
