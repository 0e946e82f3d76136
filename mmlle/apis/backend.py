"""What runs a model: PyTorch, or a runtime that needs neither PyTorch nor the OpenMMLab packages."""

import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np

from mmlle.compat.transformers_warnings import silence
from mmlle.utils.errors import UserError
from mmlle.utils.pytorch_needed import check_pytorch, pytorch_installed
from mmlle.zoo import config_path, exported_path

__all__ = ["BACKENDS", "Backend", "BackendName", "choose_backend", "is_exported", "load_backend"]

BackendName = Literal["torch", "onnxruntime", "openvino"]

#: Modules with a class of each runtime, by its name.
_RUNTIMES = {"onnxruntime": "OnnxRuntimeModel", "openvino": "OpenVinoModel"}
BACKENDS: tuple[BackendName, ...] = get_args(BackendName)

MAX_SCALE = 64


class Backend(Protocol):
    """A model that is ready to enhance; several threads may use it at once."""

    @property
    def scale(self) -> int:
        """By how much it enlarges; 1 but for super-resolution."""

    @property
    def look(self) -> Mapping[str, Any]:
        """Settings of the :class:`~mmlle.look.Look` that its config carries."""

    def enhance_batch(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """Enhance images of one size by strengths of 0 (the input) to 1 (as trained) and more.

        Args:
            images: (N, 3, H, W) float32, RGB in [0, 1], or (1, 3, H, W), one image for all strengths.
            strengths: (N, 1, H, W) or (N, 1, 1, 1) float32.

        Returns:
            (N, 3, scale * H, scale * W) float32, RGB in [0, 1].
        """


def load_backend(
    model: str | Path,
    weights: str | Path | None = None,
    device: str | None = None,
    scale: float = 1,
    name: BackendName | None = None,
) -> Backend:
    """Load a model.

    Args:
        model: Short name of a model, a config file, or an ``.onnx`` file that ``mmlle export`` wrote. What is
            no such file, and does not come exported, is exported first for the runtimes, into the user's
            cache folder.
        weights: Checkpoint; None for the shipped one, and for an exported file, which holds its own.
        device: Where to compute, such as ``'cuda:1'``. None for a GPU if there is one, else the CPU. The
            runtimes compute on the CPU.
        scale: By how much the image is reduced for the network, in PyTorch; see
            :class:`mmlle.apis.inferencer.LowLightInferencer`.
        name: See :func:`choose_backend`.

    Raises:
        UserError: If the package of the backend is missing, the model cannot be loaded, or the arguments
            contradict each other.
    """
    name = choose_backend(model, name)
    if not 1 <= scale <= MAX_SCALE:
        raise UserError(f"scale must be 1 to {MAX_SCALE}, got {scale:g}.")
    if not is_exported(model):
        config_path(model)  # before PyTorch is loaded in vain, which takes seconds
    if name == "torch":
        check_pytorch()
        with warnings.catch_warnings():
            silence()
            from .torch_backend import TorchBackend
        return TorchBackend(model, weights, device, scale)
    if device not in (None, "cpu"):
        raise UserError(f"The backend {name} computes on the CPU: leave out the device {device!r}.")
    if scale != 1:
        raise UserError(
            f"scale {scale:g} is for methods that estimate a curve, SGZ and Zero-DCE, computed by PyTorch: "
            f"choose one of them with the backend torch in place of {name}, or leave the scale out."
        )
    if is_exported(model) and weights is not None:
        raise UserError(f"{model} holds its weights already: leave out {weights}.")
    runtime = getattr(import_module(f"mmlle.deployment.{name}_model"), _RUNTIMES[name])
    runtime.check_installed()  # before something is exported in vain
    if is_exported(model):
        return runtime.from_file(model)
    shipped = exported_path(model) if weights is None else None
    if shipped is not None:
        return runtime.from_file(shipped)
    check_pytorch()
    from mmlle.deployment.export_cache import exported_file

    return runtime.from_file(exported_file(model, weights))


def choose_backend(model: str | Path, name: str | None = None) -> BackendName:
    """Choose the backend of a model, or check the choice.

    Args:
        model: See :func:`load_backend`.
        name: ``'torch'``, ``'onnxruntime'`` or ``'openvino'``; None for onnxruntime if the model is an
            exported file, or comes exported and PyTorch is not installed, else torch.

    Raises:
        UserError: If there is no such backend, or it cannot run the model.
    """
    if name is None:
        exported = is_exported(model) or (exported_path(model) is not None and not pytorch_installed())
        return "onnxruntime" if exported else "torch"
    if name not in BACKENDS:
        raise UserError(f"There is no backend {name!r}: name one of {', '.join(BACKENDS)}.")
    if name == "torch" and is_exported(model):
        raise UserError(f"{model} is an exported file, which {' and '.join(_RUNTIMES)} run; torch does not.")
    return name


def is_exported(model: str | Path) -> bool:
    """Tell whether a model is named by its exported file."""
    return str(model).lower().endswith(".onnx")
