"""What training and testing have in common."""

import os
from pathlib import Path

from mmengine.config import Config

from mmlle.compat.distributed import init_distributed
from mmlle.utils.allocator import keep_freed_memory
from mmlle.utils.files import check_writable

__all__ = ["prepare_run"]


def prepare_run(config: Config, launcher: str = "none") -> None:
    """Prepare a config and this process for a ``Runner``; call it before the ``Runner`` is built.

    Args:
        config: Config of the run, changed in place. Without ``work_dir`` it gets ``work_dirs/<config name>``.
        launcher: What started the processes: ``none``, ``pytorch``, ``slurm`` or ``mpi``.

    Raises:
        UserError: If nothing can be written into ``work_dir``.
    """
    if config.get("work_dir") is None:
        config.work_dir = f"work_dirs/{Path(config.filename or 'run').stem}"
    check_writable(config.work_dir, folder=True)
    keep_freed_memory()
    if launcher == "pytorch":
        os.environ.setdefault("LOCAL_RANK", "0")
    for name in ("train_dataloader", "val_dataloader", "test_dataloader"):
        loaders = config.get(name) or []
        for loader in loaders if isinstance(loaders, list) else [loaders]:
            # PyTorch refuses persistent workers where there are none: `--cfg-options ...num_workers=0`.
            if not loader.get("num_workers"):
                loader.persistent_workers = False
    config.launcher = launcher
    init_distributed(launcher, config.get("env_cfg", {}).get("dist_cfg"))
