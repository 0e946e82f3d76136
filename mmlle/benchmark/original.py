"""The code of the methods' authors, to be measured beside ours.

None of it is part of this package: it is imported from the user's clone of the authors' repository when a
measurement runs. Each original has an adapter in a file of its own beside this one.

The originals name their modules ``model`` or ``utils``, read options from the command line at import, and
choose their device by themselves: a GPU if there is one. Hence the context managers below.
"""

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar
from unittest import mock

import torch
from mmengine.config import ConfigDict
from torch import Tensor, nn

from mmlle.utils.errors import UserError
from mmlle.utils.unwrap_model import unwrap_model

__all__ = ["Original", "importing_from", "pretended_gpu", "without_gpu"]

#: A batch: (N, 3, H, W), RGB in [0, 1]; by the names of our config where a sample holds several images.
Images = TypeVar("Images", Tensor, dict[str, Tensor])


class Original(ABC, Generic[Images]):
    """An original's network, training step and inference.

    Args:
        folder: Where the code is, a clone of :attr:`repository`.
        model: Our config of the model, with whose settings the original is built.

    Attributes:
        method: The method's folder in ``mmlle/models/editors``.
        repository: Where the code comes from, on GitHub.
        modules: Files that must be in the folder, relative to it.
        gradient_tolerance: How much the norm of the gradient may differ from ours, relative.
        max_grad_norm: To what :meth:`train_step` clips the norm of the gradient.
        network: The network, with its weights by the original's names.
        optimizer: What :meth:`train_step` steps with.
        segmentor: The network that guides the training, if there is one.

    Raises:
        UserError: If the folder lacks one of the files.
    """

    method: str
    repository: str
    modules: tuple[str, ...]
    gradient_tolerance: float = 1e-5
    max_grad_norm: float | None = None
    network: nn.Module
    optimizer: torch.optim.Optimizer
    segmentor: nn.Module | None = None

    def __init__(self, folder: Path, model: ConfigDict) -> None:
        missing = [name for name in self.modules if not (folder / name).is_file()]
        if missing:
            raise UserError(
                f"{folder} has no {missing[0]}; --original takes the folder of that file in a clone of "
                f"https://github.com/{self.repository}."
            )
        self.folder = folder
        self.build(model)

    @abstractmethod
    def build(self, model: ConfigDict) -> None:
        """Make the network and whatever training needs."""

    @abstractmethod
    def losses(self, images: Images) -> dict[str, Tensor]:
        """Losses of a batch by the names in our model, weighted; and their sum as ``loss``."""

    @abstractmethod
    def enhance(self, images: Tensor) -> Tensor:
        """Enhance (N, 3, H, W), RGB in [0, 1]."""

    def train_step(self, images: Images) -> None:
        """Train on a batch once, as the original does.

        Here for those whose training function takes no single batch: the step that it makes.
        """
        loss = self.losses(images)["loss"]
        self.optimizer.zero_grad()
        loss.backward()
        if self.max_grad_norm is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.max_grad_norm)
        self.optimizer.step()

    def weights(self) -> dict[str, Tensor]:
        """Give the network's weights by the original's names, without the prefix of DataParallel."""
        return unwrap_model(self.network).state_dict()

    def load_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Give the network its weights.

        Args:
            weights: By the original's names, without the prefix of DataParallel.
        """
        unwrap_model(self.network).load_state_dict(weights)

    def share(self, model: nn.Module) -> None:  # noqa: B027  (most have nothing to share)
        """Give our model the weights of what is in the training beside the network, if there is anything."""


@contextmanager
def importing_from(folder: Path, options: list[str]) -> Iterator[None]:
    """Import a repository's modules, and forget them afterwards, so that they clash with nothing.

    Args:
        folder: Where the modules lie.
        options: Command line that they read when they are imported.
    """
    names = {path.stem for path in folder.iterdir()}
    has_gpu = torch.cuda.is_available()

    def forget() -> dict[str, ModuleType]:
        mine = [name for name in sys.modules if name.partition(".")[0] in names]
        return {name: sys.modules.pop(name) for name in mine}

    others = forget()
    try:
        with (
            mock.patch.object(sys, "path", [str(folder), *sys.path]),
            mock.patch.object(sys, "argv", ["original", *options]),
            # Some set CUDA_VISIBLE_DEVICES, and would bring back a GPU that was hidden from this process.
            mock.patch.dict(os.environ),
            mock.patch.object(torch.cuda, "is_available", return_value=has_gpu),
        ):
            yield
    finally:
        forget()
        sys.modules.update(others)


@contextmanager
def without_gpu() -> Iterator[None]:
    """Let ``cuda()`` do nothing where there is no GPU."""
    if torch.cuda.is_available():
        yield
        return
    with (
        mock.patch.object(Tensor, "cuda", lambda tensor: tensor),
        mock.patch.object(nn.Module, "cuda", lambda module: module),
    ):
        yield


@contextmanager
def pretended_gpu() -> Iterator[None]:
    """Let what asks for the first GPU have the CPU, where there is no GPU."""
    if torch.cuda.is_available():
        yield
        return
    with (
        mock.patch.object(torch.cuda, "is_available", return_value=True),
        mock.patch.object(torch.cuda, "set_device"),
        mock.patch.object(torch.cuda, "FloatTensor", torch.FloatTensor),
        mock.patch.object(nn, "DataParallel", lambda module, ids: module),
        mock.patch.object(nn.Module, "cuda", lambda module, device=None: module),
    ):
        yield
