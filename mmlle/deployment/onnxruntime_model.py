from collections.abc import Mapping

import numpy as np

from mmlle.utils.threads import num_threads

from .exported_model import ExportedModel
from .model_info import ModelFileError

__all__ = ["OnnxRuntimeModel"]


class OnnxRuntimeModel(ExportedModel):
    """An exported model in ONNX Runtime, on the CPU."""

    module = "onnxruntime"

    def load(self, content: bytes, name: object) -> Mapping[str, str]:
        """Load a file; gives its metadata."""
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as errors

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = num_threads()
        options.log_severity_level = 4  # its errors are raised as well
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except (errors.InvalidProtobuf, errors.InvalidGraph, errors.Fail, errors.InvalidArgument) as error:
            raise ModelFileError(f"{name} is no ONNX file, or is damaged: export the model again.") from error
        return self._session.get_modelmeta().custom_metadata_map

    def run(self, images: np.ndarray, strengths: np.ndarray) -> np.ndarray:
        """Run the graph once."""
        return self._session.run(None, dict(image=images, strength=strengths))[0]
