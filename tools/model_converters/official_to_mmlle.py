"""Convert the authors' original weights to a checkpoint of this package.

``python tools/model_converters/official_to_mmlle.py METHOD SRC DST``. The original weights have licences of
their own, see NOTICE; they are converted on your machine and not distributed with this package.
"""

import argparse
import re
from glob import escape, glob
from pathlib import Path

import torch
from torch import Tensor, nn

from mmlle.cli.command import run
from mmlle.models import (
    EFENet,
    EnhanceNetGenerator,
    EnlightenGANGenerator,
    RetinexDecompositionNet,
    ZeroDCENet,
)
from mmlle.utils.checkpoint_io import write_checkpoint
from mmlle.utils.errors import UserError

# EnhanceNet's convolutions in the order in which TensorFlow numbered them: Conv, Conv_1, Conv_2, …
_ENHANCENET = ["conv_first", *(f"blocks.{i}.conv{j}" for i in range(10) for j in (1, 2))]
_ENHANCENET += ["conv_up1", "conv_up2", "conv_hr", "conv_last"]

#: The network of each method, and what turns the original's names of weights into ours.
METHODS: dict[str, tuple[type[nn.Module], list[tuple[str, str]]]] = {
    "enlightengan": (
        EnlightenGANGenerator,
        [
            (r"^bn(\d)_(\d)", r"norm\1_\2"),
            # Levels 1 to 5 go down, 6 to 9 up again; what enlarges into level N is numbered N - 1.
            *((rf"^(conv|norm){level}_(\d)", rf"down.{level - 1}.\1\2") for level in range(1, 6)),
            *((rf"^(conv|norm){level}_(\d)", rf"merge.{level - 6}.\1\2") for level in range(6, 10)),
            *((rf"^deconv{level}", f"up.{level - 5}") for level in range(5, 9)),
            (r"^conv10", "residual"),
        ],
    ),
    "pairlie": (
        RetinexDecompositionNet,
        [
            (r"^L_net\.L_net\.", "l_net."),
            (r"^R_net\.R_net\.", "r_net."),
            (r"^N_net\.N_net\.", "n_net."),
            # The original's list holds a padding before each convolution and a ReLU after it.
            *[(rf"_net\.{3 * index - 2}\.", f"_net.conv{index}.") for index in range(1, 6)],
        ],
    ),
    "sgz": (
        EFENet,
        [
            (r"^e_conv", "conv"),
            (r"\.depth_conv\.", ".depthwise."),
            (r"\.point_conv\.", ".pointwise."),
        ],
    ),
    "zero_dce": (ZeroDCENet, [(r"^e_conv", "conv")]),
    "enhancenet": (
        EnhanceNetGenerator,
        [
            (r"/weights$", ".weight"),
            (r"/biases$", ".bias"),
            (r"^generator/Conv\.", "generator/Conv_0."),
            *((rf"^generator/Conv_{number}\.", f"{name}.") for number, name in enumerate(_ENHANCENET)),
        ],
    ),
}


def convert(method: str, original: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename the weights of an original network and check them against ours.

    Args:
        method: One of :data:`METHODS`.
        original: Weights by their names, with or without DataParallel's prefix ``module.``.

    Returns:
        Weights by their names in a model of this package.

    Raises:
        UserError: If names or shapes are not those of the method.
    """
    network, renames = METHODS[method]
    weights = {}
    for name, tensor in original.items():
        name = re.sub(r"^module\.", "", name)
        for pattern, replacement in renames:
            name = re.sub(pattern, replacement, name)
        weights[name] = tensor
    try:
        network().load_state_dict(weights)
    except (RuntimeError, TypeError) as error:
        raise UserError(f"These are not the weights of {method!r}: {error}") from error
    return {f"generator.{name}": tensor for name, tensor in weights.items()}


def load_state_dict(path: str) -> dict[str, Tensor]:
    """Read a PyTorch file of weights without running any code that it may hold.

    Raises:
        UserError: If there is no such file, or it holds no dictionary of weights.
    """
    if not Path(path).is_file():
        raise UserError(f"There is no file {path} (looked for from {Path.cwd()}).")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # each broken file has an exception of its own
        raise UserError(f"{path} is not a PyTorch file of weights: {error}") from error
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise UserError(f"{path} holds no dictionary of weights, but {type(state).__name__}.")
    return state


def load_tensorflow(path: str) -> dict[str, Tensor]:
    """Read a TensorFlow checkpoint; kernels of convolutions come out in PyTorch's order of dimensions.

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
    if not glob(f"{escape(path)}*"):  # its own format of today is several files, named with endings
        raise UserError(f"There is no file {path} (looked for from {Path.cwd()}).")
    try:
        reader = load_checkpoint(path)
        weights = {
            name: torch.from_numpy(reader.get_tensor(name)) for name in reader.get_variable_to_shape_map()
        }
    except Exception as error:  # TensorFlow's own, and NumPy's for what is not a tensor of numbers
        raise UserError(f"{path} is not a TensorFlow checkpoint of weights: {error}") from error
    return {
        name: tensor.permute(3, 2, 0, 1).contiguous() if tensor.ndim == 4 else tensor
        for name, tensor in weights.items()
    }


#: What reads the original's file, where it is not PyTorch's.
READERS = {"enhancenet": load_tensorflow}


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("method", choices=sorted(METHODS))
    parser.add_argument("src", help="the authors' file")
    parser.add_argument("dst", help="the checkpoint to write")
    args = parser.parse_args()

    read = READERS.get(args.method, load_state_dict)
    weights = convert(args.method, read(args.src))
    write_checkpoint(args.dst, weights, dict(method=args.method, source=Path(args.src).name))
    count = sum(tensor.numel() for tensor in weights.values())
    print(f"{args.dst}: {len(weights)} tensors, {count:,} values of {args.method}")


if __name__ == "__main__":
    run(main)
