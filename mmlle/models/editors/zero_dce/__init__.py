from .zero_dce import ZeroDCE
from .zero_dce_net import ZeroDCENet

__all__ = ["ZeroDCE", "ZeroDCENet"]
