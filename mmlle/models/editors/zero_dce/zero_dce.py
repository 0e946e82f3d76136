from mmlle.registry import MODELS

from ...curve_enhancer import CurveEnhancer

__all__ = ["ZeroDCE"]


@MODELS.register_module()
class ZeroDCE(CurveEnhancer):
    """Zero-reference deep curve estimation (Guo et al., CVPR 2020, arXiv 2001.06826).

    A network estimates the parameters of a curve for each pixel, channel and step; the curve brightens the
    image; losses that need no reference judge the outcome. Arguments are those of :class:`CurveEnhancer`; the
    paper's network, :class:`ZeroDCENet`, gives different maps for each of the eight steps.
    """
