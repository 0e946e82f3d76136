from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["FrozenNetwork"]


class FrozenNetwork(nn.Module):
    """A network that only guides the training of another one.

    It stays in eval mode, has no parameters as far as optimisers, checkpoints and DistributedDataParallel can
    see, and follows ``.to()``; gradient passes through it to its input. PyTorch collects all of that through
    registered sub-modules, so the network is kept without being registered as one.

    Args:
        network: The network, whose weights are frozen in place; None to :meth:`hold` one later. MMEngine's
            ``init_weights`` lets no module appear while it runs, so that is how to make a network there.

    Attributes:
        network: The network, or None.
    """

    network: nn.Module | None

    def __init__(self, network: nn.Module | None = None) -> None:
        super().__init__()
        self.__dict__["network"] = None
        if network is not None:
            self.hold(network)

    def hold(self, network: nn.Module) -> None:
        """Take a network, whose weights are frozen in place."""
        network.eval().requires_grad_(False)
        # Channels-last convolutions are the faster ones, on CPUs as on GPUs.
        self.__dict__["network"] = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "FrozenNetwork":
        """Move or cast the network as well: ``to``, ``cuda``, ``half`` … all come through here."""
        if self.network is not None:
            self.network._apply(fn)
        return super()._apply(fn, recurse)

    def forward(self, *inputs: Tensor) -> Tensor | dict[str, Tensor]:
        """Whatever the network makes of its input tensors.

        Raises:
            RuntimeError: If there is no network yet.
        """
        if self.network is None:
            raise RuntimeError("The network is to be given to hold() before it is used.")
        return self.network(*(x.contiguous(memory_format=torch.channels_last) for x in inputs))
