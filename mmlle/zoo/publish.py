import hashlib
from datetime import date
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import Tensor

from mmlle.registry import MODELS
from mmlle.utils.checkpoint_io import read_checkpoint, write_checkpoint
from mmlle.utils.errors import UserError

__all__ = ["publish"]


def publish(source: str | Path, config: str | Path, folder: str | Path, half: bool = False) -> Path:
    """Write the weights of a checkpoint to a file of their own, named after config, day and content.

    What only the training needs, such as a discriminator, is left out.

    Args:
        source: Checkpoint of a training.
        config: The config of the training.
        folder: Where to.
        half: Whether the weights of layers are stored in half precision. Biases and the statistics of
            normalisations are few, and stay as they are.

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
    weights = _as_published(weights, config, half)
    meta = checkpoint.get("meta", {})
    kept = {name: meta[name] for name in ("experiment_name", "seed", "epoch", "iter") if name in meta}
    unnamed = Path(folder, Path(config).stem + ".pth")
    write_checkpoint(unnamed, weights, kept)
    digest = hashlib.sha256(unnamed.read_bytes()).hexdigest()
    return unnamed.rename(unnamed.with_stem(f"{unnamed.stem}_{date.today():%Y%m%d}-{digest[:8]}"))


def _as_published(weights: dict[str, Tensor], config: str | Path, half: bool) -> dict[str, Tensor]:
    settings = Config.fromfile(config)
    with DefaultScope.overwrite_default_scope(settings.get("default_scope", "mmlle")):
        model = MODELS.get(settings.model.type)
    left_out = tuple(f"{name}." for name in getattr(model, "training_only", ()))
    kept = {name: value for name, value in weights.items() if not name.startswith(left_out)}
    if half:
        kept = {
            name: value.half() if value.is_floating_point() and value.dim() > 1 else value
            for name, value in kept.items()
        }
    return kept
