"""The two sides of a benchmark: a model of ours, and the original code of its method."""

import ctypes
import gc
import resource
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
import torch
from mmagic.structures import DataSample
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.optim import build_optim_wrapper
from torch import Tensor, nn
from torch.nn import functional as F

from mmlle.registry import MODELS
from mmlle.utils.allocator import keep_freed_memory
from mmlle.utils.errors import UserError

from .originals import ORIGINALS, Original

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "model_converters"))

from official_to_mmlle import convert  # noqa: E402

__all__ = ["OriginalSide", "OurSide", "Side"]


class Side(ABC):
    """Something to be timed, on one batch at a time.

    Args:
        config: Our config of the method; the last transform of its training says what a sample holds.

    Attributes:
        name: What it is called in tables.
        gradient_tolerance: How much the norm of the gradient may differ from another side's, relative.
        loaded: The batch as a data set gives it, by the names in a sample, each (3, H, W) uint8, RGB.
        images: The batch as a network takes it, (N, 3, H, W) in [0, 1]; by name if a sample holds several.
    """

    name: str
    gradient_tolerance: float = 1e-5
    loaded: dict[str, list[Tensor]]
    images: Tensor | dict[str, Tensor]

    def __init__(self, config: Config) -> None:
        self.keys = config.train_dataloader.dataset.pipeline[-1].get("keys", ["img"])

    def load(self, batch_size: int, height: int, width: int) -> None:
        """Draw a batch of dark, smooth images; the same one on all sides.

        Where a sample holds several images, the second is half as bright, the third a third.
        """
        generator = torch.Generator().manual_seed(0)
        coarse = torch.rand(batch_size, 3, height // 16 + 2, width // 16 + 2, generator=generator)
        smooth = F.interpolate(coarse, (height, width), mode="bilinear")
        drawn = (80 * smooth).round().byte()
        self.loaded = {key: list(drawn // number) for number, key in enumerate(self.keys, 1)}
        batches = {key: (torch.stack(images) / 255).to(get_device()) for key, images in self.loaded.items()}
        self.images = batches if len(batches) > 1 else batches[self.keys[0]]

    @property
    def first(self) -> Tensor:
        """The batch of the first image of each sample, as a network takes it."""
        return self.images[self.keys[0]] if isinstance(self.images, dict) else self.images

    def seconds(self, mode: str) -> float:
        """Time one training step (``'train'``) or one enhancement of the batch (``'inference'``)."""
        work = {"train": self.train_step, "inference": self.enhance}[mode]
        synchronize()
        start = time.perf_counter()
        work()
        synchronize()
        return time.perf_counter() - start

    def enhanced(self) -> np.ndarray:
        """Give the enhanced batch to another process."""
        return self.enhance().cpu().numpy()

    def machine(self) -> dict:
        """Tell what the measurement runs on."""
        device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
        return dict(device=device, threads=torch.get_num_threads(), torch=torch.__version__)

    def release_memory(self) -> None:
        """Give back what memory PyTorch or the C library keeps for later."""
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        elif hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
            libc.malloc_trim(0)

    def peak_memory(self) -> int:
        """Give the largest number of bytes so far: of the GPU's memory, or of the process without a GPU."""
        if torch.cuda.is_available():
            return torch.cuda.max_memory_allocated()
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    @abstractmethod
    def train_step(self) -> None:
        """Train on the batch once."""

    @abstractmethod
    def enhance(self) -> Tensor:
        """Enhance the batch; (N, 3, H, W), RGB in [0, 1]."""

    @abstractmethod
    def losses(self) -> dict[str, float]:
        """Losses of the batch by name, ``loss`` in all, and the norm of its gradient as ``grad_norm``."""


class OriginalSide(Side):
    """The original, run as its users run it.

    Args:
        config: Our config of the method.
        folder: A clone of the original's repository.
    """

    name = "original"

    def __init__(self, config: Config, folder: Path) -> None:
        super().__init__(config)
        self.original = build_original(config, folder)
        self.gradient_tolerance = self.original.gradient_tolerance

    def train_step(self) -> None:
        """See :class:`Side`; from the collated batch on."""
        self.original.train_step(self.images)

    @torch.no_grad()
    def enhance(self) -> Tensor:
        """See :class:`Side`; without recording gradients, which not every original thinks of."""
        return self.original.enhance(self.first)

    def losses(self) -> dict[str, float]:
        """See :class:`Side`."""
        return with_gradient(self.original.losses(self.images), self.original.network)


class OurSide(Side):
    """The config's model, data preprocessor and optimiser, in a process set up as by tools/train.py.

    A guiding network has random weights, which cost the same and need no download.

    Args:
        config: The config.
        folder: A clone of the original's repository, whose initial weights the network then has; None to do
            without.
        borrow_segmentor: Whether the original's guiding network takes the place of the config's, fed with
            the image as it is.
    """

    def __init__(self, config: Config, folder: Path | None = None, borrow_segmentor: bool = False) -> None:
        super().__init__(config)
        keep_freed_memory()
        self.name = "ours, with the original's segmentor" if borrow_segmentor else "ours"
        settings = config.model
        if settings.get("semantic_loss") is not None:
            settings.semantic_loss.weights = None
        if "feature_loss" in settings:
            settings.feature_loss.features.weights = None
        self.model = MODELS.build(settings)
        original = None if folder is None else build_original(config, folder)
        if borrow_segmentor:
            plain = dict(segmentor=original.segmentor, mean=(0, 0, 0), std=(1, 1, 1))
            self.model.semantic_loss = MODELS.build({**settings.semantic_loss, **plain})
        self.model.init_weights()
        if original is not None:
            self.model.load_state_dict(convert(original.converter, original.network.state_dict()))
            original.share(self.model)
        self.model.to(get_device())
        self.optim_wrapper = build_optim_wrapper(self.model, config.optim_wrapper)

    def train_step(self) -> None:
        """See :class:`Side`; from the loaded samples on, which the data preprocessor collates."""
        bgr = {key: [image.flip(0) for image in images] for key, images in self.loaded.items()}
        inputs = [dict(zip(bgr, images, strict=True)) for images in zip(*bgr.values(), strict=True)]
        if len(bgr) == 1:
            inputs = bgr[self.keys[0]]
        samples = dict(inputs=inputs, data_samples=[DataSample() for _ in inputs])
        self.model.train().train_step(samples, self.optim_wrapper)

    @torch.no_grad()
    def enhance(self) -> Tensor:
        """See :class:`Side`."""
        return self.model.eval()(self.first, mode="tensor")

    def losses(self) -> dict[str, float]:
        """See :class:`Side`."""
        losses = self.model.train()(self.images, mode="loss")
        return with_gradient(dict(losses, loss=sum(losses.values())), self.model.generator)


def build_original(config: Config, folder: Path) -> Original:
    """Build the original of a config's method, its random weights always the same.

    Raises:
        UserError: If it is not known how.
    """
    method = config.model.type.removeprefix("mmlle.")
    if method not in ORIGINALS:
        raise UserError(f"There is no original of {method} to compare with, only of {', '.join(ORIGINALS)}.")
    torch.manual_seed(0)
    return ORIGINALS[method](folder, config.model)


def with_gradient(losses: dict[str, Tensor], network: nn.Module) -> dict[str, float]:
    """Add the norm of the gradient of ``loss`` in a network's weights, and make numbers of the tensors."""
    gradients = torch.autograd.grad(losses["loss"], list(network.parameters()))
    numbers = {name: value.item() for name, value in losses.items()}
    return dict(numbers, grad_norm=torch.stack([g.norm() for g in gradients]).norm().item())


def synchronize() -> None:
    """Wait until a GPU has done what it was asked for."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
