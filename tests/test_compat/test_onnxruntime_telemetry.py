import os

from mmlle.compat import onnxruntime_telemetry


def test_it_is_off_unless_the_user_has_decided(monkeypatch):
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    onnxruntime_telemetry.disable()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    onnxruntime_telemetry.disable()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "0"
