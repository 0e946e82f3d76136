from .efe_net import EFENet
from .sgz import SGZ

__all__ = ["SGZ", "EFENet"]
