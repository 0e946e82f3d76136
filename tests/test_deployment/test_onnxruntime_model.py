import pytest

from mmlle.deployment.onnxruntime_model import OnnxRuntimeModel

pytest.importorskip("onnxruntime")


def test_it_takes_as_many_threads_as_pytorch(monkeypatch, exported):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    options = OnnxRuntimeModel(exported("sgz"))._session.get_session_options()
    assert options.intra_op_num_threads == 3
    assert options.get_session_config_entry("session.set_denormal_as_zero") == "1"
