from .curve_estimator import CurveEstimator
from .frozen import FrozenNetwork
from .light_curve import apply_light_curve
from .segmentor import WeightsError, build_segmentor, load_segmentor_weights
from .tiled_forward import tiled_forward

__all__ = [
    "CurveEstimator",
    "FrozenNetwork",
    "WeightsError",
    "apply_light_curve",
    "build_segmentor",
    "load_segmentor_weights",
    "tiled_forward",
]
