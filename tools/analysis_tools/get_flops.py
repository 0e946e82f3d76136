"""Size and cost of a network: ``python tools/analysis_tools/get_flops.py CONFIG --shape 400 600``.

Counted is what the model's generator does for one image, as MMEngine's analysis sees it: multiply-adds of
convolutions and matrix products (and of interpolations and normalisations), a multiplication with its
addition being one; activations are the outputs of convolutions and matrix products. Element-wise work does
not count, so the analysis warns of an unsupported operator where there is any; neither do the light curve and
the networks that only guide the training.
"""

import argparse

from mmengine.analysis import get_model_complexity_info
from mmengine.registry import DefaultScope

from mmlle.cli.command import add_config_arguments, read_config, run
from mmlle.registry import MODELS
from mmlle.utils.errors import UserError

__all__ = ["main"]


def main(argv: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_config_arguments(parser)
    parser.add_argument(
        "--shape", nargs=2, type=int, default=[400, 600], metavar=("H", "W"), help="image size [400 600]"
    )
    args = parser.parse_args(argv)
    if min(args.shape) < 1:
        raise UserError(f"--shape takes a height and a width of at least 1, got {args.shape}.")

    config = read_config(args)
    with DefaultScope.overwrite_default_scope(config.get("default_scope", "mmlle")):
        network = MODELS.build(config.model).generator
    counted = get_model_complexity_info(network.eval(), (3, *args.shape), show_arch=False)
    print(counted["out_table"])
    height, width = args.shape
    print(f"{type(network).__name__} of {args.config}, one image of {height}x{width} (height x width)")
    print(f"Parameters:    {counted['params']:,}")
    print(f"Multiply-adds: {counted['flops']:,} (a multiplication and its addition are one)")
    print(f"Activations:   {counted['activations']:,} (outputs of convolutions and matrix products)")


if __name__ == "__main__":
    run(main)
