"""Export of models to ONNX files, which ``mmlle enhance`` runs without PyTorch."""

import hashlib
import math
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mmlle.apis.torch_backend import TorchBackend
from mmlle.models.base_enhancer import DEFAULT_PIXEL_BYTES, BaseEnhancer
from mmlle.utils.denormals import zero_denormals
from mmlle.utils.errors import UserError
from mmlle.utils.files import write_bytes
from mmlle.utils.unwrap_model import unwrap_model
from mmlle.zoo import list_models

from .exported_model import ExportedModel
from .model_info import ModelInfo
from .onnxruntime_model import OnnxRuntimeModel

__all__ = ["ExportError", "check_export", "describe", "export_model", "render_onnx", "write_file"]

#: Largest difference to PyTorch's result, of images in [0, 1].
TOLERANCE = 1e-4
#: Version of ONNX's operators: the first one with the newest that is used.
_OPSET = 17
#: Sizes (N, H, W) at which the export is checked; the last one goes through in tiles.
_SIZES = ((1, 1, 1), (2, 7, 5), (1, 37, 53), (1, 64, 48), (1, 18, 481))
_TILE = 64


class ExportError(UserError):
    """The exported graph gives other images than the model."""


class _Graph(nn.Module):
    """What the exported file computes: see :class:`ModelInfo`."""

    def __init__(self, model: BaseEnhancer) -> None:
        super().__init__()
        self.model = model
        preprocessor: Any = getattr(model.data_preprocessor, "mmagic", model.data_preprocessor)
        self.reverse = preprocessor.output_channel_order != "RGB"  # else as loaded, which is BGR
        self.normalise = preprocessor._enable_normalize
        if self.normalise:
            self.mean, self.std = (
                each.view(1, -1, 1, 1) / 255 for each in (preprocessor.mean, preprocessor.std)
            )
            # Of the default nothing is to be left in the graph.
            self.normalise = bool((self.mean != 0).any() or (self.std != 1).any())

    def forward(self, image: Tensor, strength: Tensor) -> Tensor:
        if self.reverse:
            image = image.flip(1)
        if self.normalise:
            image = (image - self.mean) / self.std
        enhanced = self.model.enhance_by(image, strength)
        if self.normalise:
            enhanced = enhanced * self.std + self.mean
        if self.reverse:
            enhanced = enhanced.flip(1)
        return enhanced.clamp(0, 1)


def export_model(backend: TorchBackend, path: str | Path) -> float:
    """Write a model as an ONNX file, unless it gives other images than the model.

    Args:
        backend: The model in PyTorch.
        path: Where to.

    Returns:
        The largest difference to PyTorch's result that was found, of images in [0, 1].

    Raises:
        ExportError: If the graph gives other images than the model.
        UserError: If onnx or ONNX Runtime is not installed.
    """
    OnnxRuntimeModel.check_installed()
    content = render_onnx(backend)
    difference = check_export(backend, OnnxRuntimeModel(content, path, side=_TILE))
    write_file(path, content)
    return difference


def write_file(path: str | Path, content: bytes) -> None:
    """Write an exported file as a whole or not at all.

    Raises:
        UserError: If it cannot be written.
    """
    try:
        write_bytes(path, content)
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror}.") from error


def render_onnx(backend: TorchBackend) -> bytes:
    """Give a model as what is in an ONNX file.

    Raises:
        UserError: If onnx is not installed.
    """
    if find_spec("onnx") is None:
        raise UserError("onnx is not installed. Run: pip install onnx onnxruntime")
    import onnx

    zero_denormals(backend.model.state_dict().values())
    # Of a size that every network takes unpadded.
    sample = torch.rand(2, 3, 64, 48), torch.rand(2, 1, 64, 48)
    names = ["image", "strength"], ["enhanced"]
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        # Shapes that became constants are found out by comparing several sizes.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Graph(backend.model).eval(),
            tuple(each.to(backend.device) for each in sample),
            Path(folder, "model.onnx"),
            dynamo=False,  # the other exporter needs a further package, and is slower
            opset_version=_OPSET,
            input_names=names[0],
            output_names=names[1],
            dynamic_axes={name: {0: "N", 2: f"H_{name}", 3: f"W_{name}"} for name in (*names[0], *names[1])},
        )
        model = onnx.load(Path(folder, "model.onnx"))
    onnx.helper.set_model_props(model, describe(backend).metadata())
    return model.SerializeToString()


def describe(backend: TorchBackend) -> ModelInfo:
    """Collect what an exported file tells of its model."""
    network = unwrap_model(backend.model.generator)
    radius = getattr(network, "receptive_radius", math.inf)
    licences = {model["weights"]: model["licence"] for model in list_models().values()}
    checkpoint = Path(backend.checkpoint)
    return ModelInfo(
        model=type(backend.model).__name__,
        config=Path(backend.config.filename).stem,
        licence=licences.get(checkpoint.name),
        weights_sha256=hashlib.sha256(checkpoint.read_bytes()).hexdigest() if checkpoint.is_file() else None,
        scale=backend.scale,
        receptive_radius=None if math.isinf(radius) else int(radius),
        size_multiple=getattr(network, "size_multiple", 1),
        smallest_side=getattr(network, "smallest_side", 1),
        pixel_bytes=getattr(
            network, "graph_pixel_bytes", getattr(network, "pixel_bytes", DEFAULT_PIXEL_BYTES)
        ),
        look=backend.look,
    )


def check_export(backend: TorchBackend, exported: ExportedModel) -> float:
    """Compare an exported model with PyTorch's on several sizes and strengths, odd ones, and in tiles.

    Returns:
        The largest difference, of images in [0, 1].

    Raises:
        ExportError: If it is above 1e-4.
    """
    random = np.random.default_rng(0)
    largest, where = 0.0, _SIZES[0]
    for size in _SIZES:
        images = random.random((size[0], 3, *size[1:]), np.float32)
        images *= random.random((size[0], 1, 1, 1), np.float32)
        field = 1.6 * random.random((size[0], 1, *size[1:]), np.float32)
        field[..., :2] = 0
        for strengths in (np.ones((size[0], 1, 1, 1), np.float32), field):
            expected = backend.enhance_batch(images, strengths)
            found = exported.enhance_batch(images, strengths)
            difference = math.inf if found.shape != expected.shape else float(np.abs(found - expected).max())
            if not difference <= largest:
                largest, where = difference, size
    if not largest <= TOLERANCE:
        raise ExportError(
            f"The exported graph differs from PyTorch's result by {largest:.2g} at {where[0]} images of "
            f"{where[1]}x{where[2]} px (height x width), of values in [0, 1]; {TOLERANCE:g} is allowed. No "
            "file was written. Nothing in a graph may depend on the image's size, as with a scale_factor."
        )
    return largest
