"""Make a small file of weights from a training's checkpoint.

``python tools/model_converters/publish_model.py CHECKPOINT DST`` leaves out what only ``--resume`` needs: the
optimiser's state, the training's history and the whole config. The files in mmlle/zoo are made by it.
"""

import argparse
from pathlib import Path

from mmengine.runner import CheckpointLoader

import mmlle.registry  # noqa: F401  (it lets checkpoints of trainings be loaded)
from mmlle.cli.command import run
from mmlle.utils.checkpoint_io import write_checkpoint
from mmlle.utils.errors import UserError

__all__ = ["main", "publish"]


def publish(source: str, destination: str) -> None:
    """Write the weights of a checkpoint to a file of their own.

    Raises:
        UserError: If there is no such checkpoint, or it holds no ``state_dict``.
    """
    if not Path(source).is_file():
        raise UserError(f"There is no checkpoint {source} (looked for from {Path.cwd()}).")
    checkpoint = CheckpointLoader.load_checkpoint(source, map_location="cpu")
    if "state_dict" not in checkpoint:
        raise UserError(f"{source} is not a checkpoint of a training: it holds {', '.join(checkpoint)}.")
    meta = checkpoint.get("meta", {})
    kept = {name: meta[name] for name in ("experiment_name", "seed", "epoch", "iter") if name in meta}
    write_checkpoint(destination, checkpoint["state_dict"], kept)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkpoint", help="checkpoint of a training")
    parser.add_argument("dst", help="the file to write")
    args = parser.parse_args()
    publish(args.checkpoint, args.dst)
    print(f"{args.dst}: {Path(args.dst).stat().st_size:,} bytes")


if __name__ == "__main__":
    run(main)
