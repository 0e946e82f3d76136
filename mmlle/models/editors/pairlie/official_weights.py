from ...utils.official_weights import OfficialWeights
from .retinex_decomposition_net import RetinexDecompositionNet

__all__ = ["OFFICIAL"]

OFFICIAL = OfficialWeights(
    RetinexDecompositionNet,
    [
        (r"^L_net\.L_net\.", "l_net."),
        (r"^R_net\.R_net\.", "r_net."),
        (r"^N_net\.N_net\.", "n_net."),
        # The original's list holds a padding before each convolution and a ReLU after it.
        *[(rf"_net\.{3 * index - 2}\.", f"_net.conv{index}.") for index in range(1, 6)],
    ],
)
