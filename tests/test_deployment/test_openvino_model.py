import subprocess
import sys

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


def test_signals_after_models_have_gone(tmp_path, exported):
    (tmp_path / "model.onnx").write_bytes(exported("zero_dce"))
    code = (
        "import os, signal, sys\n"
        "from mmlle.deployment.openvino_model import OpenVinoModel\n"
        "first, second = (OpenVinoModel(open(sys.argv[1], 'rb').read()) for _ in range(2))\n"
        "del first\n"
        "del second\n"
        "received = []\n"
        "signal.signal(signal.SIGTERM, lambda *_: received.append(1))\n"
        "os.kill(os.getpid(), signal.SIGTERM)\n"
        "print(received)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "model.onnx")], capture_output=True, text=True
    )
    assert (result.returncode, result.stdout) == (0, "[1]\n"), result
