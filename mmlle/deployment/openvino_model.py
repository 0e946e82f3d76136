import functools
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from mmlle.utils.threads import num_threads

from .exported_model import ExportedModel
from .model_info import ModelFileError

__all__ = ["OpenVinoModel"]


@functools.cache
def openvino_core() -> Any:
    """The one core of the process.

    Its CPU plugin gives the thread a stack of its own for signals and takes it back when it goes. One of two
    that goes leaves a stack that is no longer there, and the next signal, Ctrl-C too, ends the process.
    """
    import openvino

    return openvino.Core()


class OpenVinoModel(ExportedModel):
    """An exported model in OpenVINO, on the CPU."""

    module = "openvino"

    def load(self, content: bytes, name: object) -> Mapping[str, str]:
        """Load a file; gives its metadata."""
        core = openvino_core()
        try:
            model = core.read_model(content)
        except RuntimeError as error:
            raise ModelFileError(f"{name} is no ONNX file, or is damaged: export the model again.") from error
        settings = dict(
            INFERENCE_NUM_THREADS=num_threads(),
            INFERENCE_PRECISION_HINT="f32",
            PERFORMANCE_HINT="LATENCY",
        )
        self._model = core.compile_model(model, "CPU", settings)
        self._requests = threading.local()  # a request is of one thread
        if not model.has_rt_info("framework"):
            return {}
        return dict(model.get_rt_info("framework").value)

    def run(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """Run the graph once."""
        if not hasattr(self._requests, "request"):
            self._requests.request = self._model.create_infer_request()
        outputs = self._requests.request.infer(dict(image=images, strength=strengths))
        return outputs["enhanced"].copy()
