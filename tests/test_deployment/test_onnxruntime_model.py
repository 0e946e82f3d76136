import numpy as np
import pytest

from mmlle.deployment.onnxruntime_model import OnnxRuntimeModel

pytest.importorskip("onnxruntime")


def test_it_takes_as_many_threads_as_pytorch(monkeypatch, exported):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    options = OnnxRuntimeModel(exported("sgz"))._session.get_session_options()
    assert options.intra_op_num_threads == 3


def test_it_leaves_the_arithmetic_of_the_process_alone(exported):
    # Its option to set denormal numbers to zero does so in the thread that loads a model, for good.
    model = OnnxRuntimeModel(exported("sgz"))
    model.enhance_batch(np.zeros((1, 3, 8, 8), np.float32), np.ones((1, 1, 1, 1), np.float32))
    assert np.float32(1e-39) * np.float32(1) > 0
