import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmengine.config import Config

from mmlle.utils.errors import UserError
from mmlle.utils.files import check_writable, write_bytes

from .config_check import check_config
from .faults import explained_faults
from .runs import prepare_run

if TYPE_CHECKING:
    from mmengine.runner import Runner

__all__ = ["test"]

#: What a test does not use of a config.
_OF_TRAINING = (
    *("train_dataloader", "train_cfg", "optim_wrapper", "param_scheduler", "auto_scale_lr"),
    *("val_dataloader", "val_cfg", "val_evaluator"),
)


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
        out: JSON file. It holds the metrics by name and, beside them, ``protocol``, the name of the protocol;
            ``metrics``, for each name the kind, its ``options``, ``n``, ``mean``, sample standard deviation
            ``sd`` and the ``values`` by image; ``checkpoint``, its file and SHA-256; ``config``, its file and
            content; ``versions`` of the packages.
        show_dir: Folder for the images that the model predicts.
        launcher: What started the processes: ``none``, ``pytorch``, ``slurm`` or ``mpi``.

    Returns:
        The metrics by name.

    Raises:
        UserError: If the config cannot be used, there is no such checkpoint, it does not fit the model, or
            ``out`` or ``show_dir`` cannot be written, which is found out before the test.
    """
    needs = ("model", "test_dataloader", "test_cfg", "test_evaluator")
    check_config(config, needs, ignored=_OF_TRAINING)
    for path, folder in ((out, False), (show_dir, True)):
        if path is not None:
            check_writable(path, folder)
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

    with explained_faults():
        runner = StrictRunner.from_cfg(config)
        runner.load_checkpoint(checkpoint)
        metrics = runner.test()
    if out is not None and is_main_process():
        report = dict(metrics or {}) | _report(runner, config, checkpoint)
        write_bytes(out, (json.dumps(report, indent=2, default=str) + "\n").encode())
    return metrics


def _report(runner: "Runner", config: Config, checkpoint: str) -> dict[str, Any]:
    """Say what the metrics of a test are, and what they depend on; see :func:`test`."""
    from mmlle.evaluation.metrics.base_image_metric import BaseImageMetric
    from mmlle.evaluation.summary import summarise
    from mmlle.utils.collect_env import collect_env

    loop: Any = runner.test_loop  # MMagic's has several evaluators
    evaluators = loop.evaluators if hasattr(loop, "evaluators") else [loop.evaluator]
    metrics = {}
    for metric in (metric for evaluator in evaluators for metric in evaluator.metrics):
        if not isinstance(metric, BaseImageMetric):
            continue  # somebody else's keeps no values
        for name, figures in summarise(metric.values.values()).items():
            metrics[f"{metric.prefix}/{name}" if metric.prefix else name] = dict(
                metric=type(metric).__name__,
                options=metric.options,
                **figures,
                values={image: values.get(name) for image, values in metric.values.items()},
            )
    file = Path(checkpoint)
    return dict(
        protocol=config.get("protocol"),
        metrics=metrics,
        checkpoint=dict(
            file=checkpoint,
            sha256=hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None,
        ),
        config=dict(file=config.filename, content=config.to_dict()),
        versions=collect_env(),
    )
