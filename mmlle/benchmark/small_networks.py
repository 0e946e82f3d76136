"""Training of the small networks that judge enhanced images where no better ones are at hand."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["Batch", "fit"]

#: Inputs (N, 3, H, W) and classes: (N) of images, or (N, H, W) of pixels.
Batch = tuple[Tensor, Tensor]


def fit(
    network: nn.Module,
    forward: Callable[[Tensor], Tensor],
    batch: Callable[[int], Batch],
    steps: int,
    lr: float = 3e-3,
) -> float:
    """Train a network to tell classes apart, with Adam and a learning rate that rises and falls once.

    Args:
        network: Whose weights are trained; it is in eval mode afterwards.
        forward: Gives the logits of a batch of inputs, (N, K) or (N, K, H, W).
        batch: Gives the batch of a step.
        steps: How many steps.
        lr: Highest learning rate.

    Returns:
        The loss of the last step.
    """
    network.train()
    optimizer = torch.optim.Adam(network.parameters(), lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    loss = torch.tensor(float("nan"))
    # Dropout draws from PyTorch's own state, which is left as it was; a training can be repeated.
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        for step in range(steps):
            inputs, classes = batch(step)
            optimizer.zero_grad()
            loss = F.cross_entropy(forward(inputs), classes)
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()
    return loss.item()
