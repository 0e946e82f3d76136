import threading
from collections.abc import Mapping

import numpy as np

from .exported_model import ExportedModel, num_threads
from .model_info import ModelFileError

__all__ = ["OpenVinoModel"]


class OpenVinoModel(ExportedModel):
    """An exported model in OpenVINO, on the CPU."""

    module = "openvino"
    extra = "openvino"

    def load(self, content: bytes, name: object) -> Mapping[str, str]:
        """Load a file; gives its metadata."""
        import openvino

        core = openvino.Core()
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
