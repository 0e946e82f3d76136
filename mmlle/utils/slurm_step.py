"""What the processes of a Slurm step agree on without asking each other."""

import os

__all__ = ["port_of_step"]


def port_of_step() -> int:
    """Choose the port where the processes of a step meet: the same for all, another one for other steps.

    Jobs may share a machine, and none can tell which ports the others have.

    Returns:
        A number from 20000 to 29999, by ``SLURM_JOB_ID`` and ``SLURM_STEP_ID``.
    """
    job, step = (int(os.environ.get(name, 0)) for name in ("SLURM_JOB_ID", "SLURM_STEP_ID"))
    return 20000 + (61 * job + step) % 10000
