import json
from pathlib import Path

from mmengine.config import Config

from mmlle.utils.errors import UserError
from mmlle.utils.files import write_bytes

from .runs import prepare_run

__all__ = ["test"]


def test(
    config: Config,
    checkpoint: str,
    out: str | None = None,
    show_dir: str | None = None,
    launcher: str = "none",
) -> dict[str, float]:
    """Test a checkpoint with the test set and metrics of a config.

    Args:
        config: Config of the test, changed in place.
        checkpoint: Checkpoint file or URL.
        out: JSON file for the metrics.
        show_dir: Folder for the images that the model predicts.
        launcher: What started the processes: ``none``, ``pytorch``, ``slurm`` or ``mpi``.

    Returns:
        The metrics by name.

    Raises:
        UserError: If there is no such checkpoint, or it does not fit the model.
    """
    prepare_run(config, launcher)
    if not Path(checkpoint).is_file() and "://" not in checkpoint:
        raise UserError(
            f"There is no checkpoint {checkpoint} (looked for from {Path.cwd()}). Train one with "
            "tools/train.py, or convert the authors' weights with "
            "tools/model_converters/official_to_mmlle.py."
        )
    if show_dir is not None:
        hook = config.setdefault("default_hooks", {}).setdefault("picture", {})
        hook.setdefault("type", "mmlle.PictureHook")
        hook["show_dir"] = show_dir

    from mmengine.dist import is_main_process

    from .runner import StrictRunner

    runner = StrictRunner.from_cfg(config)
    runner.load_checkpoint(checkpoint)
    metrics = runner.test()
    if out is not None and is_main_process():
        write_bytes(out, (json.dumps(metrics, indent=2) + "\n").encode())
    return metrics
