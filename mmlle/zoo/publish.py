import hashlib
from datetime import date
from pathlib import Path

from torch import Tensor

import mmlle.registry  # noqa: F401  (it lets checkpoints of trainings be loaded)
from mmlle.utils.checkpoint_io import read_checkpoint, write_checkpoint
from mmlle.utils.errors import UserError

__all__ = ["publish"]


def publish(source: str | Path, config: str | Path, folder: str | Path) -> Path:
    """Write the weights of a checkpoint to a file of their own, named after config, day and content.

    Args:
        source: Checkpoint of a training.
        config: The config of the training.
        folder: Where to.

    Returns:
        The file.

    Raises:
        UserError: If there is no such checkpoint or config, or the file holds no weights.
    """
    for kind, path in dict(checkpoint=source, config=config).items():
        if not Path(path).is_file():
            raise UserError(f"There is no {kind} {path} (looked for from {Path.cwd()}).")
    checkpoint = read_checkpoint(source)
    weights = checkpoint["state_dict"]
    if not all(isinstance(value, Tensor) for value in weights.values()):
        raise UserError(f"{source} is not a checkpoint of a training: it holds {', '.join(weights)}.")
    meta = checkpoint.get("meta", {})
    kept = {name: meta[name] for name in ("experiment_name", "seed", "epoch", "iter") if name in meta}
    unnamed = Path(folder, Path(config).stem + ".pth")
    write_checkpoint(unnamed, weights, kept)
    digest = hashlib.sha256(unnamed.read_bytes()).hexdigest()
    return unnamed.rename(unnamed.with_stem(f"{unnamed.stem}_{date.today():%Y%m%d}-{digest[:8]}"))
