"""The two sides of a benchmark: a model of ours, and the original code of its method."""

import ctypes
import gc
import os
import resource
import time
from abc import ABC, abstractmethod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from mmagic.structures import DataSample
from mmengine.analysis import get_model_complexity_info
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.optim import build_optim_wrapper
from torch import Tensor, nn
from torch.nn import functional as F

from mmlle.apis.backend import BackendName, load_backend
from mmlle.apis.torch_backend import TorchBackend
from mmlle.deployment.export import export_model
from mmlle.models.utils.official_weights import official_weights
from mmlle.registry import MODELS
from mmlle.utils.allocator import keep_freed_memory
from mmlle.utils.denormals import zero_denormals
from mmlle.utils.errors import UserError

from .enhancenet import EnhanceNetOriginal
from .enlightengan import EnlightenGANOriginal
from .machine import MachineLimits, measure_limits
from .original import Original
from .pairlie import PairLIEOriginal
from .sgz import SGZOriginal
from .zero_dce import ZeroDCEOriginal

__all__ = ["ORIGINALS", "ExportedSide", "OriginalSide", "OurSide", "Side"]

#: By the type of the model in our config.
ORIGINALS: dict[str, type[Original]] = {
    "EnhanceNet": EnhanceNetOriginal,
    "EnlightenGAN": EnlightenGANOriginal,
    "PairLIE": PairLIEOriginal,
    "SGZ": SGZOriginal,
    "ZeroDCE": ZeroDCEOriginal,
}


class Side(ABC):
    """Something to be timed, on one batch at a time.

    Args:
        config: Our config of the method; the last transform of its training says what a sample holds.

    Attributes:
        name: What it is called in tables.
        gradient_tolerance: How much the norm of the gradient may differ from another side's, relative.
        loaded: The batch as a data set gives it, by the names in a sample, each (3, H, W) uint8, RGB.
        images: The batch as a network takes it, (N, 3, H, W) in [0, 1]; by name if a sample holds several.
        network: The network that enhances.
    """

    name: str
    gradient_tolerance: float = 1e-5
    loaded: dict[str, list[Tensor]]
    images: Tensor | dict[str, Tensor]
    network: nn.Module

    def __init__(self, config: Config) -> None:
        dataset = config.train_dataloader.dataset
        dataset = dataset.get("datasets", [dataset])[0]  # of several, all give the same kind of sample
        self.keys = dataset.pipeline[-1].get("keys", ["img"])

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

    def machine(self) -> dict[str, Any]:
        """Describe what the measurement runs on: ``device``, ``threads``, ``cores`` and ``torch``."""
        return dict(
            device=torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
            threads=torch.get_num_threads(),
            cores=sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
            torch=torch.__version__,
        )

    def limits(self) -> MachineLimits:
        """Measure what the machine can do at most, on the threads of this process."""
        return measure_limits()

    def denormals(self) -> int:
        """Count the denormal weights of the network."""
        weights = [w for w in self.network.state_dict().values() if w.is_floating_point()]
        return sum(((w != 0) & (w.abs() < torch.finfo(w.dtype).tiny)).sum().item() for w in weights)

    def release_memory(self) -> None:
        """Return the memory to the system that PyTorch or the C library keeps for later."""
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
        weights: The authors' file of weights; None for random ones.
        without_denormals: Whether the network's denormal weights are set to zero.
    """

    def __init__(
        self, config: Config, folder: Path, weights: Path | None = None, without_denormals: bool = False
    ) -> None:
        super().__init__(config)
        self.name = "original without denormals" if without_denormals else "original"
        self.original = build_original(config, folder, weights)
        self.gradient_tolerance = self.original.gradient_tolerance
        self.network = self.original.network
        if without_denormals:
            zero_denormals(self.network.state_dict().values())

    def train_step(self) -> None:
        """See :class:`Side`; from the collated batch on."""
        self.original.train_step(self.images)

    @torch.no_grad()
    def enhance(self) -> Tensor:
        """See :class:`Side`; without recording gradients, which not every original thinks of."""
        return self.original.enhance(self.first)

    def losses(self) -> dict[str, float]:
        """See :class:`Side`."""
        return with_gradient(self.original.losses(self.images), self.network)


class OurSide(Side):
    """The config's model, data preprocessor and optimiser, in a process set up as by tools/train.py.

    A guiding network has random weights, which cost the same and need no download.

    Args:
        config: The config.
        folder: A clone of the original's repository, whose weights the network then has; None to do without.
        weights: The authors' file of weights, which the original then has; None for random ones.
        borrow_segmentor: Whether the original's guiding network takes the place of the config's, fed with
            the image as it is.
    """

    def __init__(
        self,
        config: Config,
        folder: Path | None = None,
        weights: Path | None = None,
        borrow_segmentor: bool = False,
    ) -> None:
        super().__init__(config)
        keep_freed_memory()
        self.name = "ours, with the original's segmentor" if borrow_segmentor else "ours"
        settings = config.model
        if settings.get("semantic_loss") is not None:
            settings.semantic_loss.weights = None
        if "feature_loss" in settings:
            settings.feature_loss.features.weights = None
        self.model = MODELS.build(settings)
        original = None if folder is None else build_original(config, folder, weights)
        if original is not None and borrow_segmentor:
            plain = dict(segmentor=original.segmentor, mean=(0, 0, 0), std=(1, 1, 1))
            self.model.semantic_loss = MODELS.build({**settings.semantic_loss, **plain})
        self.model.init_weights()
        if original is not None:
            converted = official_weights(original.method).convert(original.weights())
            # The generator's, all of them; the rest of the model keeps its random ones.
            self.model.load_state_dict(converted, strict=False)
            original.share(self.model)
        self.model.to(get_device())
        self.network = self.model.generator
        self.optim_wrapper = build_optim_wrapper(self.model, config.optim_wrapper)

    def train_step(self) -> None:
        """See :class:`Side`; from the loaded samples on, which the data preprocessor collates."""
        bgr = {key: [image.flip(0) for image in images] for key, images in self.loaded.items()}
        inputs: list[Any] = [
            dict(zip(bgr, images, strict=True)) for images in zip(*bgr.values(), strict=True)
        ]
        if len(bgr) == 1:
            inputs = bgr[self.keys[0]]
        samples = dict(inputs=inputs, data_samples=[DataSample() for _ in inputs])
        self.model.train().train_step(samples, self.optim_wrapper)

    @torch.no_grad()
    def enhance(self) -> Tensor:
        """See :class:`Side`."""
        return self.model.eval()(self.first, mode="tensor")

    def multiply_adds(self) -> int:
        """Count those of the network for the batch, as ``tools/analysis_tools/get_flops.py`` does."""
        counted = get_model_complexity_info(self.network.eval(), inputs=(self.first[:1],), show_arch=False)
        return int(counted["flops"]) * len(self.first)

    def losses(self) -> dict[str, float]:
        """See :class:`Side`."""
        losses = self.model.train()(self.images, mode="loss")
        return with_gradient(dict(losses, loss=sum(losses.values())), self.network)


class ExportedSide(OurSide):
    """Ours as ``mmlle export`` writes it, in a runtime; for inference.

    Args:
        config: The config.
        folder: See :class:`OurSide`.
        weights: See :class:`OurSide`.
        runtime: ``'onnxruntime'`` or ``'openvino'``.
    """

    def __init__(
        self,
        config: Config,
        folder: Path | None = None,
        weights: Path | None = None,
        runtime: BackendName = "onnxruntime",
    ) -> None:
        super().__init__(config, folder, weights)
        self.name = f"ours, {runtime}"
        with TemporaryDirectory() as temporary:
            written = [Path(temporary, f"model.{suffix}") for suffix in ("py", "pth", "onnx")]
            config.dump(written[0])
            torch.save(self.model.state_dict(), written[1])
            export_model(TorchBackend(written[0], written[1], "cpu"), written[2])
            self.runtime = load_backend(written[2], name=runtime)

    def enhance(self) -> Tensor:
        """See :class:`Side`."""
        strengths = np.ones((len(self.first), 1, 1, 1), np.float32)
        return torch.from_numpy(self.runtime.enhance_batch(self.first.cpu().numpy(), strengths))


def build_original(config: Config, folder: Path, weights: Path | None) -> Original:
    """Build the original of a config's method; its random weights are always the same.

    Args:
        config: Our config of the method.
        folder: A clone of the original's repository.
        weights: The authors' file of weights; None for random ones.

    Raises:
        UserError: If there is no adapter for its original, or the file is not of its weights.
    """
    method = config.model.type.removeprefix("mmlle.")
    if method not in ORIGINALS:
        raise UserError(f"There is no original of {method} to compare with, only of {', '.join(ORIGINALS)}.")
    torch.manual_seed(0)
    original = ORIGINALS[method](folder, config.model)
    if weights is not None:
        official = official_weights(original.method)
        state = official.read(weights)
        official.convert(state)  # the check of the names, with its message
        original.load_weights(state)
    return original


def with_gradient(losses: dict[str, Tensor], network: nn.Module) -> dict[str, float]:
    """Add the norm of the gradient of ``loss`` in a network's weights, and make numbers of the tensors."""
    gradients = torch.autograd.grad(losses["loss"], list(network.parameters()))
    numbers = {name: value.item() for name, value in losses.items()}
    return dict(numbers, grad_norm=torch.stack([g.norm() for g in gradients]).norm().item())


def synchronize() -> None:
    """Wait until a GPU has done what it was asked for."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
