"""Several processes of torchrun or srun that do one job together; only then is PyTorch loaded."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from mmlle.utils.errors import UserError
from mmlle.utils.slurm_step import port_of_step

__all__ = ["ProcessGroup"]

Result = TypeVar("Result")

#: The slowest process may take this long after the fastest one; one that died is noticed at once.
_PATIENCE = timedelta(days=30)


@dataclass(frozen=True)
class ProcessGroup:
    """The processes that a launcher started, and this one's place among them.

    Attributes:
        rank: Number of this process.
        size: How many processes there are.
        local_rank: Number of this process among those of this machine.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @classmethod
    def join(cls) -> "ProcessGroup":
        """Meet the other processes, if a launcher started some; all of them must call this.

        torchrun sets RANK, WORLD_SIZE and LOCAL_RANK; srun SLURM_PROCID, SLURM_STEP_NUM_TASKS and
        SLURM_LOCALID. SLURM_NTASKS alone means nothing: a batch script has it too, and is one process.
        """
        if "RANK" in os.environ and "WORLD_SIZE" in os.environ:
            names = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
        else:
            names = ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID")
        rank, size, local_rank = (
            int(os.environ.get(name, default)) for name, default in zip(names, (0, 1, 0), strict=True)
        )
        if size < 2:
            return cls()
        if names[0] == "SLURM_PROCID" and "MASTER_ADDR" not in os.environ:
            os.environ["MASTER_ADDR"] = _first_machine(os.environ["SLURM_STEP_NODELIST"])
            os.environ.setdefault("MASTER_PORT", str(port_of_step()))
        from torch import distributed

        distributed.init_process_group("gloo", rank=rank, world_size=size, timeout=_PATIENCE)
        return cls(rank, size, local_rank)

    def device(self) -> str | None:
        """Choose the GPU of this process; None to leave the choice to others."""
        if self.size == 1:
            return None
        import torch

        num_gpus = torch.cuda.device_count()  # one, where the launcher shows each process its own alone
        return f"cuda:{self.local_rank % num_gpus}" if num_gpus else None

    def on_first(self, function: Callable[[], Result]) -> Result:
        """Call a function in the first process; all of them get its result.

        Raises:
            UserError: In the first process, if the function does; the others end silently, with status 1.
        """
        if self.size == 1:
            return function()
        from torch import distributed

        outcome: list = [None]
        if self.rank == 0:
            try:
                outcome = [function()]
            except UserError as error:
                outcome = [UserError(str(error))]
        distributed.broadcast_object_list(outcome)
        if isinstance(outcome[0], UserError):
            distributed.destroy_process_group()
            if self.rank > 0:
                sys.exit(1)
            raise outcome[0]
        return outcome[0]

    def gather(self, value: Result) -> list[Result] | None:
        """Give the first process the values of all of them, and leave the group.

        Raises:
            UserError: If another process ended before.
        """
        if self.size == 1:
            return [value]
        from torch import distributed

        values: list = [None] * self.size
        try:
            distributed.gather_object(value, values if self.rank == 0 else None)
            distributed.destroy_process_group()
        except RuntimeError as error:
            raise UserError(
                f"Another one of the {self.size} processes ended early; begin again with --skip-existing."
            ) from error
        return values if self.rank == 0 else None


def _first_machine(nodes: str) -> str:
    """Name the first machine of a list in Slurm's notation, such as ``node[3-5,8]``."""
    command = ["scontrol", "show", "hostnames", nodes]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0]
