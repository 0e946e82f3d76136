import pytest

from mmlle.deployment.openvino_model import OpenVinoModel

pytest.importorskip("openvino")


def test_it_takes_as_many_threads_as_pytorch(monkeypatch, exported):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    model = OpenVinoModel(exported("sgz"))._model
    assert model.get_property("INFERENCE_NUM_THREADS") == 1
    assert "f32" in str(model.get_property("INFERENCE_PRECISION_HINT")) or "float" in str(
        model.get_property("INFERENCE_PRECISION_HINT")
    )
