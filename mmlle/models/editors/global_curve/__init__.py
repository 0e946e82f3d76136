from .global_curve import GlobalCurve
from .global_curve_net import GlobalCurveNet

__all__ = ["GlobalCurve", "GlobalCurveNet"]
