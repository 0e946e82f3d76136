"""Several processes on a machine without an accelerator.

Upstream: MMEngine 0.10 (open-mmlab/mmengine). ``mmengine/dist/utils.py`` calls
``torch.cuda.set_device`` whatever the backend is, and ``Runner.wrap_model`` passes
``device_ids=[LOCAL_RANK]``, which ``DistributedDataParallel`` refuses for a model on the CPU. For
the launcher ``mpi`` nothing sets the ``LOCAL_RANK`` that ``wrap_model`` reads, and all jobs of Slurm
meet at the same port, which two on one machine cannot. This file can go when MMEngine's ``Runner``
starts with ``dist_cfg=dict(backend='gloo')`` without a GPU.
"""

import atexit
import functools
import os
import sys
import weakref
from collections.abc import Mapping
from typing import Any
from unittest import mock

import torch
from mmengine.device import get_device
from mmengine.dist import init_dist, is_distributed
from mmengine.model import MMDistributedDataParallel
from torch import multiprocessing

from mmlle.utils.slurm_step import port_of_step

__all__ = ["init_distributed"]

#: What holds a reference to the process group, besides torch itself.
_wrappers: weakref.WeakSet[MMDistributedDataParallel] = weakref.WeakSet()


def init_distributed(launcher: str, dist_cfg: Mapping[str, Any] | None = None) -> None:
    """Get ready for a distributed ``Runner``; to be called before it is built.

    With an accelerator MMEngine does it all when the ``Runner`` is built. Without one the process
    group is made here, over gloo, and the ``Runner`` finds it made.

    Args:
        launcher: ``none``, ``pytorch``, ``slurm`` or ``mpi``, as the ``Runner`` takes it. The
            launcher's environment variables are read as MMEngine reads them.
        dist_cfg: The config's ``env_cfg.dist_cfg``. Its ``backend`` is for accelerators and is
            not used without one.

    Raises:
        ValueError: If the launcher is none of these.
        KeyError: If an environment variable that the launcher sets is not there.
    """
    if launcher not in ("none", "pytorch", "slurm", "mpi"):
        raise ValueError(f"The launcher must be none, pytorch, slurm or mpi, but is '{launcher}'.")
    if launcher == "none" or is_distributed():
        return
    if launcher == "mpi":
        os.environ.setdefault("LOCAL_RANK", os.environ["OMPI_COMM_WORLD_LOCAL_RANK"])
    if launcher == "slurm":
        os.environ.setdefault("MASTER_PORT", str(port_of_step()))
    if get_device() != "cpu":
        return

    settings = {**(dist_cfg or {}), "backend": "gloo"}
    os.environ.setdefault("SLURM_LOCALID", "0")  # MMEngine would divide by the number of GPUs
    start_method = multiprocessing.get_start_method(allow_none=True)
    with mock.patch.object(torch.cuda, "set_device"):
        init_dist(launcher, **settings)
    # MMEngine sets one where there is none; the Runner's own setting comes later and would warn.
    multiprocessing.set_start_method(start_method, force=True)
    atexit.register(_leave_group)
    _drop_device_ids_on_cpu()


def _leave_group() -> None:
    """End gloo's threads while the interpreter is alive.

    One that is still putting its last tensors away when the interpreter is not ends the process
    with an abort (pytorch/pytorch#179291). The threads end with the last reference to the group.
    """
    # After an error the threads may be waiting for the other processes, and so would this one.
    if not is_distributed() or hasattr(sys, "last_type"):
        return
    for wrapper in _wrappers:
        for name in ("reducer", "logger", "process_group"):
            vars(wrapper).pop(name, None)
    torch.distributed.destroy_process_group()


def _drop_device_ids_on_cpu() -> None:
    """Make MMEngine's wrapper ignore ``device_ids`` for a module on the CPU.

    ``MMSeparateDistributedDataParallel`` wraps each of its submodules with the same class.
    """
    original = MMDistributedDataParallel.__init__
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def __init__(  # noqa: N807
        self: MMDistributedDataParallel, module: torch.nn.Module, *args: Any, **kwargs: Any
    ) -> None:
        if all(parameter.device.type == "cpu" for parameter in module.parameters()):
            kwargs["device_ids"] = None
        original(self, module, *args, **kwargs)
        _wrappers.add(self)

    MMDistributedDataParallel.__init__ = __init__
