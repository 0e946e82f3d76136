"""Convert the authors' original weights to a checkpoint of this package.

``python tools/model_converters/official_to_mmlle.py METHOD SRC DST``. The original weights have licences of
their own, see NOTICE; they are converted on your machine and not distributed with this package.
"""

import argparse
import re
from pathlib import Path

import torch
from torch import Tensor, nn

from mmlle.apis.command import run
from mmlle.models import EFENet, EnlightenGANGenerator, ZeroDCENet
from mmlle.utils.checkpoint_io import write_checkpoint
from mmlle.utils.errors import UserError

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
    "sgz": (
        EFENet,
        [
            (r"^e_conv", "conv"),
            (r"\.depth_conv\.", ".depthwise."),
            (r"\.point_conv\.", ".pointwise."),
        ],
    ),
    "zero_dce": (ZeroDCENet, [(r"^e_conv", "conv")]),
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


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("method", choices=sorted(METHODS))
    parser.add_argument("src", help="the authors' file")
    parser.add_argument("dst", help="the checkpoint to write")
    args = parser.parse_args()

    weights = convert(args.method, load_state_dict(args.src))
    write_checkpoint(args.dst, weights, dict(method=args.method, source=Path(args.src).name))
    count = sum(tensor.numel() for tensor in weights.values())
    print(f"{args.dst}: {len(weights)} tensors, {count:,} values of {args.method}")


if __name__ == "__main__":
    run(main)
