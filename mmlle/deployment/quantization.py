"""Convolutions in 8 bits, by ONNX Runtime's own quantiser."""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from mmlle.apis.image_jobs import find_images
from mmlle.apis.torch_backend import TorchBackend
from mmlle.media.film_file import is_film
from mmlle.media.photograph_reading import read_photograph
from mmlle.utils.errors import UserError

from .export import check_export, render_onnx, write_file
from .exported_model import ExportedModel
from .model_info import ModelInfo
from .onnxruntime_model import OnnxRuntimeModel
from .openvino_model import OpenVinoModel
from .timing import time_in_turns

if TYPE_CHECKING:
    import onnx

__all__ = ["Photographs", "QuantizationReport", "export_int8", "quantize"]

#: Longer side of the photographs in pixels: enough for the range of the activations.
_SIDE = 512
#: Their sides are multiples of this number, which is one of every network's ``size_multiple``.
_STEP = 16
#: One in so many photographs is held out, at least one.
_HELD_OUT = 4
#: How often the times are measured, in turns.
_REPEATS = 5

_AS_TRAINED = np.ones((1, 1, 1, 1), np.float32)


class QuantizationReport(NamedTuple):
    """What quantisation costs and saves.

    Attributes:
        psnr: Of the results against those in float32, in dB: mean over the photographs that were held out.
        num_calibration: How many photographs the ranges are from.
        num_held_out: How many were held out.
        time_ratios: Time over that in float32 in the same runtime, by the runtime's name.
    """

    psnr: float
    num_calibration: int
    num_held_out: int
    time_ratios: dict[str, float]

    def __str__(self) -> str:
        ratios = ", ".join(
            f"{ratio:.2f} of the time in {name}{' (slower)' if ratio > 1 else ''}"
            for name, ratio in self.time_ratios.items()
        )
        return (
            f"int8 by {self.num_calibration} photographs: {self.psnr:.1f} dB to float32 on "
            f"{self.num_held_out} held-out ones, {ratios}"
        )


def export_int8(backend: TorchBackend, path: str | Path, folder: str | Path) -> QuantizationReport:
    """Write a model as an ONNX file with quantised convolutions.

    Args:
        backend: The model in PyTorch.
        path: Where to.
        folder: Of photographs such as will be enhanced; every fourth one is held out.

    Raises:
        UserError: If there are less than two photographs, or the graph in float32 is not the model.
    """
    content = render_onnx(backend)
    plain = OnnxRuntimeModel(content, path)
    check_export(backend, plain)
    photographs = Photographs.of_folder(folder)
    quantized_content = quantize(content, photographs.calibration, plain.info)
    sides: dict[str, tuple[ExportedModel, ExportedModel]] = {
        OnnxRuntimeModel.module: (OnnxRuntimeModel(quantized_content, path), plain)
    }
    psnr = photographs.psnr(*sides[OnnxRuntimeModel.module])
    if OpenVinoModel.is_installed():
        sides[OpenVinoModel.module] = OpenVinoModel(quantized_content, path), OpenVinoModel(content, path)
    ratios = {}
    for name, models in sides.items():
        run = [partial(model.enhance_batch, photographs.held_out[0], _AS_TRAINED) for model in models]
        times = time_in_turns(run, _REPEATS)
        ratios[name] = times[0] / times[1]
    write_file(path, quantized_content)
    return QuantizationReport(psnr, len(photographs.calibration), len(photographs.held_out), ratios)


class Photographs(NamedTuple):
    """Photographs (1, 3, H, W) float32, RGB in [0, 1], of a few hundred pixels a side.

    Attributes:
        calibration: By which a model is quantised.
        held_out: By which the loss is measured.
    """

    calibration: list[np.ndarray]
    held_out: list[np.ndarray]

    @classmethod
    def of_folder(cls, folder: str | Path) -> "Photographs":
        """Read the photographs of a folder; every fourth one is held out.

        Raises:
            UserError: If there are less than two.
        """
        files = [file for file in find_images(folder) if not is_film(file)]
        if len(files) < 2:
            raise UserError(
                f"Quantisation needs at least two photographs; there is {len(files)} in {folder}."
            )
        every = [_load(file) for file in files]
        return cls([each for index, each in enumerate(every) if index % _HELD_OUT], every[::_HELD_OUT])

    def psnr(self, quantized: ExportedModel, plain: ExportedModel) -> float:
        """Measure a quantised model's results against those in float32, in dB: mean over those held out."""
        values = []
        for image in self.held_out:
            results = [model.enhance_batch(image, _AS_TRAINED) for model in (quantized, plain)]
            values.append(-10 * np.log10(max(np.mean((results[0] - results[1]) ** 2), 1e-12)))
        return float(np.mean(values))


def quantize(content: bytes, photographs: Sequence[np.ndarray], info: ModelInfo) -> bytes:
    """Quantise the convolutions of an exported model.

    Activations have 8 bits and the range that they have on the photographs, weights 8 bits and a range for
    each channel. What is between the convolutions, such as the light curve, stays in float32.

    Args:
        content: What is in the file.
        photographs: (1, 3, H, W) float32, RGB in [0, 1].
        info: What the file tells of the model.

    Returns:
        What is in the file of the quantised model.
    """
    import onnx
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):
        """Gives the photographs one after the other, as trained."""

        def __init__(self) -> None:
            self._rest = iter(photographs)

        def get_next(self) -> dict[str, np.ndarray] | None:
            image = next(self._rest, None)
            return None if image is None else dict(image=image, strength=np.ones_like(image[:, :1]))

    with tempfile.TemporaryDirectory() as folder, silent_root_logger():
        source, prepared, target = (Path(folder, f"{name}.onnx") for name in ("source", "prepared", "target"))
        source.write_bytes(content)
        quantization.quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantization.quantize_static(
            prepared,
            target,
            Reader(),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=_outermost_convolutions(onnx.load(prepared).graph),
            per_channel=True,
        )
        model = onnx.load(target)
    onnx.helper.set_model_props(model, replace(info, precision="int8").metadata())
    return model.SerializeToString()


def _outermost_convolutions(graph: "onnx.GraphProto") -> list[str]:
    """Name the convolutions that take the image itself, and those after which none follows.

    They stay in float32, as is usual: the quantiser would also give the rounded image to the light curve,
    and maps of 8 bits would make bands.
    """
    names, before_others = [], set[str]()
    for node in reversed(graph.node):
        convolution, before = node.op_type == "Conv", not before_others.isdisjoint(node.output)
        if convolution and ("image" in node.input or not before):
            names.append(node.name)
        if convolution or before:
            before_others.update(node.input)
    return names


@contextmanager
def silent_root_logger() -> Iterator[None]:
    """Keep the quantiser's advice, for which its functions take no logger, off the terminal."""
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(level)


def _load(path: Path) -> np.ndarray:
    """Read a photograph, reduced, and with sides that every network takes; (1, 3, H, W)."""
    pixels = read_photograph(path).pixels
    factor = min(1.0, _SIDE / max(pixels.shape[:2]))
    size = [max(_STEP, round(side * factor / _STEP) * _STEP) for side in pixels.shape[:2]]
    reduced = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(reduced.transpose(2, 0, 1)[None])
