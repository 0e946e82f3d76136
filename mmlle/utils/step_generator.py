import numpy as np
import torch
from mmengine.dist import get_rank
from mmengine.logging import MessageHub

__all__ = ["step_generator"]


def step_generator() -> torch.Generator:
    """Make a generator of random numbers for one training step.

    It is seeded by the runner's seed, the iteration and this process's rank. So a resumed training draws what
    an uninterrupted one would have drawn, and nothing else that draws random numbers changes it. Without a
    runner, seed and iteration count as 0.

    Returns:
        A generator on the CPU.
    """
    hub = MessageHub.get_current_instance()
    numbers = [hub.get_info("seed", 0) or 0, hub.get_info("iter", 0), get_rank()]
    seed = np.random.SeedSequence(numbers).generate_state(1, np.uint64).item()
    return torch.Generator().manual_seed(seed)
