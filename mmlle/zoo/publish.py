import hashlib
import json
import math
from datetime import date
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import Tensor

from mmlle.registry import MODELS
from mmlle.utils.checkpoint_io import read_checkpoint, write_checkpoint
from mmlle.utils.errors import UserError
from mmlle.utils.training_logs import read_runs

__all__ = ["publish"]


def publish(
    source: str | Path,
    config: str | Path,
    folder: str | Path,
    half: bool = False,
    work_dir: str | Path | None = None,
) -> Path:
    """Write the weights of a checkpoint to a file of their own, named after config, day and content.

    What only the training needs, such as a discriminator, is left out.

    Args:
        source: Checkpoint of a training.
        config: The config of the training.
        folder: Where to.
        half: Whether the weights of layers are stored in half precision. Biases and the statistics of
            normalisations are few, and stay as they are.
        work_dir: Folder of the training. Its log goes beside the weights, with the ending ``.json``:
            ``config``, ``seed``, ``hours`` of the training without its validations, and ``scalars``, what was
            logged, in the order of the steps.

    Returns:
        The file of the weights.

    Raises:
        UserError: If there is no such checkpoint, config or log, or the file holds no weights.
    """
    for kind, path in dict(checkpoint=source, config=config).items():
        if not Path(path).is_file():
            raise UserError(f"There is no {kind} {path} (looked for from {Path.cwd()}).")
    checkpoint = read_checkpoint(source)
    weights = checkpoint["state_dict"]
    if not all(isinstance(value, Tensor) for value in weights.values()):
        raise UserError(f"{source} is not a checkpoint of a training: it holds {', '.join(weights)}.")
    weights = _as_published(weights, config, half)
    scalars = None if work_dir is None else _read_scalars(Path(work_dir))
    meta = checkpoint.get("meta", {})
    kept = {name: meta[name] for name in ("experiment_name", "seed", "epoch", "iter") if name in meta}
    unnamed = Path(folder, Path(config).stem + ".pth")
    write_checkpoint(unnamed, weights, kept)
    digest = hashlib.sha256(unnamed.read_bytes()).hexdigest()
    file = unnamed.rename(unnamed.with_stem(f"{unnamed.stem}_{date.today():%Y%m%d}-{digest[:8]}"))
    if scalars is not None:
        file.with_suffix(".json").write_text(_render_log(scalars, Path(config).name, meta.get("seed")))
    return file


def _render_log(scalars: list[dict], config: str, seed: int | None) -> str:
    header = json.dumps(dict(config=config, seed=seed, hours=round(_hours(scalars), 2)))
    rows = ",\n".join(map(json.dumps, scalars))
    return f'{header[:-1]}, "scalars": [\n{rows}\n]}}\n'


def _read_scalars(work_dir: Path) -> list[dict]:
    """Read what a training logged; where it was resumed, what was done again replaces what was lost."""
    kept: list[dict] = []
    for rows in read_runs(work_dir):
        first = next((row["iter"] for row in rows if "iter" in row), math.inf)
        lost = (index for index, row in enumerate(kept) if row.get("iter", 0) >= first)
        kept = kept[: next(lost, len(kept))] + rows
    if not kept:
        raise UserError(f"There is no log of a training in {work_dir}: no */vis_data/scalars.json with rows.")
    return [{name: _short(value) for name, value in row.items()} for row in kept]


def _short(value: float) -> float:
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _hours(scalars: list[dict]) -> float:
    seconds, last = 0.0, 0
    for row in scalars:
        if "iter" in row:  # a row of a validation has none
            seconds += row["time"] * (row["iter"] - last)
            last = row["iter"]
    return seconds / 3600


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
