"""Make a small file of weights from a training's checkpoint, named as the files in mmlle/zoo are.

``python tools/model_converters/publish_model.py CHECKPOINT --config CONFIG`` leaves out what only
``--resume`` needs: the optimiser's state, the training's history and the whole config. The name is made of
the config's, the day, and the first 8 hexadecimal digits of the file's SHA-256:
``<config>_<yyyymmdd>-<hash>.pth``. Write it into the metafile's ``Weights``, then run update_zoo_index.py.
"""

import argparse
import hashlib
from datetime import date
from pathlib import Path

from mmengine.runner import CheckpointLoader

import mmlle.registry  # noqa: F401  (it lets checkpoints of trainings be loaded)
from mmlle.cli.command import run
from mmlle.utils.checkpoint_io import write_checkpoint
from mmlle.utils.errors import UserError

__all__ = ["main", "publish"]

ZOO = Path(__file__).resolve().parents[2] / "mmlle/zoo"


def publish(source: str | Path, config: str | Path, folder: str | Path = ZOO) -> Path:
    """Write the weights of a checkpoint to a file of their own.

    Args:
        source: Checkpoint of a training.
        config: The config of the training.
        folder: Where to.

    Returns:
        The file.

    Raises:
        UserError: If there is no such checkpoint or config, or the checkpoint holds no ``state_dict``.
    """
    for kind, path in dict(checkpoint=source, config=config).items():
        if not Path(path).is_file():
            raise UserError(f"There is no {kind} {path} (looked for from {Path.cwd()}).")
    checkpoint = CheckpointLoader.load_checkpoint(str(source), map_location="cpu")
    if "state_dict" not in checkpoint:
        raise UserError(f"{source} is not a checkpoint of a training: it holds {', '.join(checkpoint)}.")
    meta = checkpoint.get("meta", {})
    kept = {name: meta[name] for name in ("experiment_name", "seed", "epoch", "iter") if name in meta}
    unnamed = Path(folder, Path(config).stem + ".pth")
    write_checkpoint(unnamed, checkpoint["state_dict"], kept)
    digest = hashlib.sha256(unnamed.read_bytes()).hexdigest()
    return unnamed.rename(unnamed.with_stem(f"{unnamed.stem}_{date.today():%Y%m%d}-{digest[:8]}"))


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkpoint", help="checkpoint of a training")
    parser.add_argument(
        "--config", required=True, help="config of the training, which the file is named after"
    )
    parser.add_argument("--out-dir", default=ZOO, help="folder to write to; default: mmlle/zoo")
    args = parser.parse_args()
    file = publish(args.checkpoint, args.config, args.out_dir)
    print(f"{file}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    run(main)
