from .pairlie import PairLIE
from .retinex_decomposition_net import RetinexDecompositionNet

__all__ = ["PairLIE", "RetinexDecompositionNet"]
