"""Convert the authors' original weights to a checkpoint of this package.

``python tools/model_converters/official_to_mmlle.py METHOD SRC DST``. The original weights have licences of
their own, see NOTICE; they are converted on your machine and not distributed with this package.
"""

import argparse
from pathlib import Path

from mmlle.cli.errors import run
from mmlle.models.utils.official_weights import official_weights, official_weights_methods
from mmlle.utils.checkpoint_io import write_checkpoint


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("method", choices=official_weights_methods())
    parser.add_argument("src", help="the authors' file")
    parser.add_argument("dst", help="the checkpoint to write")
    args = parser.parse_args()

    official = official_weights(args.method)
    weights = official.convert(official.read(args.src))
    write_checkpoint(args.dst, weights, dict(method=args.method, source=Path(args.src).name))
    count = sum(tensor.numel() for tensor in weights.values())
    print(f"{args.dst}: {len(weights)} tensors, {count:,} values of {args.method}")


if __name__ == "__main__":
    run(main)
