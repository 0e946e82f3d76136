import subprocess
import sys
from pathlib import Path

import pytest

from mmlle.apis.backend import choose_backend, load_backend
from mmlle.apis.torch_backend import TorchBackend
from mmlle.deployment import onnxruntime_model, openvino_model
from mmlle.utils.errors import UserError


@pytest.mark.parametrize(
    ("model", "name", "chosen"),
    [
        ("sgz", None, "torch"),
        ("sgz", "openvino", "openvino"),
        ("config.py", None, "torch"),
        ("enlightengan", None, "torch"),
        ("F.onnx", None, "onnxruntime"),
        (Path("a/F.ONNX"), None, "onnxruntime"),
        ("F.onnx", "openvino", "openvino"),
    ],
)
def test_the_choice(model, name, chosen):
    assert choose_backend(model, name) == chosen


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            dict(model="sgz", name="tensorrt"),
            "no backend 'tensorrt': name one of torch, onnx",
        ),
        (
            dict(model="F.onnx", name="torch"),
            "F.onnx is an exported file, which onnxr",
        ),
        (dict(model="F.onnx", weights="w.pth"), "F.onnx holds its weights already: leave out w.pth"),
        (dict(model="F.onnx", device="cuda"), "onnxruntime computes on the CPU: leave out the device 'cuda'"),
        (dict(model="F.onnx", scale=12), "scale 12 is for methods .* PyTorch: choose one"),
        (dict(model="gone.onnx"), r"no model gone.onnx \(looked for from "),
        (dict(model="gone.onnx", name="openvino"), "no model gone.onnx"),
        (dict(model="retinex", name="openvino"), "no model 'retinex'"),
    ],
)
def test_what_cannot_be(arguments, message):
    pytest.importorskip("openvino")
    with pytest.raises(UserError, match=message):
        load_backend(**arguments)


def test_pytorch(workspace):
    assert isinstance(load_backend("config.py", "weights.pth", "cpu"), TorchBackend)


@pytest.mark.parametrize(
    ("module", "runtime"),
    [(onnxruntime_model, "OnnxRuntimeModel"), (openvino_model, "OpenVinoModel")],
)
def test_a_runtime_that_is_missing(monkeypatch, module, runtime):
    cls = getattr(module, runtime)
    monkeypatch.setattr(cls, "module", "no_such_runtime")
    with pytest.raises(UserError, match="not installed. Run: pip install no_such_runtime"):
        load_backend("sgz", name=module.__name__.rpartition(".")[2].removesuffix("_model"))


def test_a_short_name_needs_no_export_where_one_is_shipped(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert load_backend("sgz", name="onnxruntime").scale == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("missing", ["torch", "mmengine", "mmagic"])
def test_pytorch_or_openmmlab_that_are_missing(missing):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from mmlle.apis.backend import load_backend\n"
        "from mmlle.utils.errors import UserError\n"
        "assert type(load_backend('sgz')).__name__ == 'OnnxRuntimeModel'\n"
        "try: load_backend('enlightengan')\nexcept UserError as error: print(error)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(result.stdout.splitlines()) == 1
    assert "is not installed" in result.stdout
    assert "models that come exported" in result.stdout
