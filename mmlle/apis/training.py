import logging
import platform
from contextlib import nullcontext
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import print_log

from mmlle.utils.errors import UserError
from mmlle.utils.work_dir_lock import lock_work_dir

from .config_check import check_config
from .faults import explained_faults
from .runs import prepare_run

__all__ = ["train"]


def train(
    config: Config,
    resume: bool | str = False,
    amp: bool = False,
    auto_scale_lr: bool = False,
    launcher: str = "none",
) -> None:
    """Train the model of a config.

    Args:
        config: Config of the training, changed in place.
        resume: Whether to go on from the newest whole checkpoint in the config's ``work_dir``, or the
            checkpoint to go on from. Without any in the folder the training starts anew, from the config's
            ``load_from`` if it has one.
        amp: Whether to train in mixed precision: float16 with loss scaling on GPUs, bfloat16 on CPUs.
        auto_scale_lr: Whether to scale the learning rate by the total batch size over the config's
            ``auto_scale_lr.base_batch_size``.
        launcher: What started the processes: ``none``, ``pytorch``, ``slurm`` or ``mpi``.

    SIGTERM, as Slurm sends before it takes a machine away, and Ctrl-C end it after the step that is under
    way, with a checkpoint that ``resume`` goes on from.

    Raises:
        UserError: If the config cannot be used or does not allow what is asked for, the checkpoint is missing
            or does not fit, or another training runs in ``work_dir``.
        StoppedError: If a signal has stopped it; it was saved.
    """
    check_config(config, ("model", "train_dataloader", "train_cfg", "optim_wrapper"))
    prepare_run(config, launcher)
    if amp:
        use_mixed_precision(config)
    if auto_scale_lr:
        if "base_batch_size" not in config.get("auto_scale_lr", {}):
            raise UserError(
                "--auto-scale-lr needs the batch size that the config's learning rate is meant for: "
                "set auto_scale_lr=dict(base_batch_size=...) in the config."
            )
        config.auto_scale_lr.enable = True
    if resume:
        checkpoint = None if resume is True else resume
        if checkpoint is not None and not Path(checkpoint).is_file() and "://" not in checkpoint:
            raise UserError(
                f"There is no checkpoint {checkpoint} to go on from (looked for from {Path.cwd()})."
            )
        start_from, config.load_from = config.get("load_from"), checkpoint
        config.resume = True

    from mmlle.engine import CheckpointHook
    from mmlle.engine.stop_signals import StopSignals

    from .runner import StrictRunner

    # The Runner writes into the folder when it is built; CheckpointHook asks for the lock after that. Several
    # processes can agree on it only then.
    lock = lock_work_dir(config.work_dir) if launcher == "none" else None
    with lock or nullcontext(), explained_faults():
        runner = StrictRunner.from_cfg(config)
        hooks = [hook for hook in runner.hooks if isinstance(hook, CheckpointHook)]
        # Without a hook that saves, signals end the process as they always do.
        with StopSignals() if hooks else nullcontext() as signals:
            for hook in hooks:
                hook.signals = signals
                if resume:
                    hook.start_from = start_from
            runner.train()


def use_mixed_precision(config: Config) -> None:
    """Give every optimiser wrapper of a config its mixed-precision counterpart.

    A warning says where the processor has no instructions for bfloat16: PyTorch then computes it with others,
    slower than in float32.

    Raises:
        UserError: If a wrapper is neither the plain nor the mixed-precision one.
    """
    import torch

    mixed = "AmpOptimWrapper" if torch.cuda.is_available() else "mmlle.BFloat16OptimWrapper"
    if not torch.cuda.is_available() and not computes_bfloat16():
        print_log(
            "This processor has no instructions for bfloat16 (AVX512-BF16 or AMX): with --amp the training "
            "is slower than without, and not more exact.",
            "current",
            logging.WARNING,
        )
    settings = config.optim_wrapper
    wrappers = [settings] if "optimizer" in settings else settings.values()
    for wrapper in wrappers:
        if not isinstance(wrapper, dict):
            continue  # the name of the constructor of several wrappers
        given = wrapper.get("type", "OptimWrapper")
        if given not in ("OptimWrapper", mixed):
            raise UserError(f"--amp replaces OptimWrapper by {mixed}; the config has {given!r}.")
        wrapper["type"] = mixed


def computes_bfloat16() -> bool:
    """Whether the processor itself computes in bfloat16; of others than x86, PyTorch's word is taken."""
    import torch

    if platform.machine().lower() in ("x86_64", "amd64"):
        known = (torch.cpu._is_avx512_bf16_supported, torch.cpu._is_amx_tile_supported)
        return any(supported() for supported in known)
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
