from glob import escape, glob
from pathlib import Path

import torch
from torch import Tensor

from mmlle.utils.errors import UserError

from ...utils.official_weights import OfficialWeights
from .enhancenet_generator import EnhanceNetGenerator

__all__ = ["OFFICIAL", "read_tensorflow"]

#: The convolutions in the order in which TensorFlow numbered them: Conv, Conv_1, Conv_2, …
_CONVOLUTIONS = [
    "conv_first",
    *(f"blocks.{block}.conv{number}" for block in range(10) for number in (1, 2)),
    "conv_up1",
    "conv_up2",
    "conv_hr",
    "conv_last",
]


def read_tensorflow(path: str | Path) -> dict[str, Tensor]:
    """Read a TensorFlow checkpoint.

    Args:
        path: The file, or what its files' names have in common.

    Returns:
        Weights by name; kernels of convolutions (out, in, height, width), PyTorch's order of dimensions.

    Raises:
        UserError: If TensorFlow is not installed, there is no such file, or it is no checkpoint.
    """
    try:
        from tensorflow.train import load_checkpoint
    except ImportError as error:
        raise UserError(
            "EnhanceNet's weights are a TensorFlow checkpoint, and TensorFlow is not installed: "
            "`pip install tensorflow-cpu` (requirements/convert.txt). Nothing else needs it."
        ) from error
    if not glob(f"{escape(str(path))}*"):  # TensorFlow 2 writes several files, named with endings
        raise UserError(f"There is no file {path} (looked for from {Path.cwd()}).")
    try:
        reader = load_checkpoint(str(path))
        weights = {
            name: torch.from_numpy(reader.get_tensor(name)) for name in reader.get_variable_to_shape_map()
        }
    except Exception as error:  # TensorFlow's own, and NumPy's for what is not a tensor of numbers
        raise UserError(f"{path} is not a TensorFlow checkpoint of weights: {error}") from error
    return {
        name: tensor.permute(3, 2, 0, 1).contiguous() if tensor.ndim == 4 else tensor
        for name, tensor in weights.items()
    }


OFFICIAL = OfficialWeights(
    EnhanceNetGenerator,
    [
        (r"/weights$", ".weight"),
        (r"/biases$", ".bias"),
        (r"^generator/Conv\.", "generator/Conv_0."),
        *((rf"^generator/Conv_{number}\.", f"{name}.") for number, name in enumerate(_CONVOLUTIONS)),
    ],
    read_tensorflow,
)
