from ...utils.official_weights import OfficialWeights
from .zero_dce_net import ZeroDCENet

__all__ = ["OFFICIAL"]

OFFICIAL = OfficialWeights(ZeroDCENet, [(r"^e_conv", "conv")])
