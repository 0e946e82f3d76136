"""The same model in all backends: times in turns, and differences."""

from functools import partial
from typing import NamedTuple

import numpy as np

from mmlle.apis.backend import Backend
from mmlle.apis.torch_backend import TorchBackend

from .export import check_export, render_onnx
from .exported_model import ExportedModel
from .onnxruntime_model import OnnxRuntimeModel
from .openvino_model import OpenVinoModel
from .quantization import Photographs, quantize
from .timing import time_in_turns

__all__ = ["Comparison", "compare_backends"]


class Comparison(NamedTuple):
    """What a backend does with an image, as trained.

    Attributes:
        seconds: Median time.
        ratio: That time over PyTorch's.
        difference: Largest difference to PyTorch's result, of values in [0, 1].
    """

    seconds: float
    ratio: float
    difference: float


def compare_backends(
    backend: TorchBackend,
    size: tuple[int, int],
    repeats: int,
    photographs: Photographs | None = None,
) -> tuple[dict[str, Comparison], float | None]:
    """Time a model in PyTorch and in the runtimes that are installed.

    Args:
        backend: The model in PyTorch, on the CPU.
        size: Height and width of the image.
        repeats: How often each backend has its turn.
        photographs: By which the model is quantised; None to do without.

    Returns:
        A comparison by the name of each backend, ``torch`` first, and the dB of the quantised model to
        float32 on the photographs that are held out.

    Raises:
        UserError: If onnx or ONNX Runtime is not installed.
    """
    content = render_onnx(backend)
    plain = OnnxRuntimeModel(content)
    check_export(backend, plain)
    sides: dict[str, Backend] = {"torch": backend, plain.module: plain}
    runtimes: list[type[ExportedModel]] = [OnnxRuntimeModel]
    if OpenVinoModel.is_installed():
        runtimes.append(OpenVinoModel)
        sides[OpenVinoModel.module] = OpenVinoModel(content)
    psnr = None
    if photographs is not None:
        quantized = quantize(content, photographs.calibration, plain.info)
        for runtime in runtimes:
            sides[f"{runtime.module} int8"] = runtime(quantized)
        psnr = photographs.psnr(OnnxRuntimeModel(quantized), plain)
    image = np.random.default_rng(0).random((1, 3, *size), np.float32) / 4
    strength = np.ones((1, 1, 1, 1), np.float32)
    results = [side.enhance_batch(image, strength) for side in sides.values()]
    times = time_in_turns([partial(side.enhance_batch, image, strength) for side in sides.values()], repeats)
    found = {
        name: Comparison(seconds, seconds / times[0], float(np.abs(result - results[0]).max()))
        for name, seconds, result in zip(sides, times, results, strict=True)
    }
    return found, psnr
