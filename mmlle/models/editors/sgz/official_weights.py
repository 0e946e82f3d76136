from ...utils.official_weights import OfficialWeights
from .efe_net import EFENet

__all__ = ["OFFICIAL"]

OFFICIAL = OfficialWeights(
    EFENet,
    [
        (r"^e_conv", "conv"),
        (r"\.depth_conv\.", ".depthwise."),
        (r"\.point_conv\.", ".pointwise."),
    ],
)
