import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from mmlle.apis.torch_backend import TorchBackend
from mmlle.deployment.export import ExportError, check_export, describe, export_model, render_onnx
from mmlle.deployment.onnxruntime_model import OnnxRuntimeModel
from mmlle.testing import tiny_enlightengan
from mmlle.utils.errors import UserError

from .conftest import METHODS, make_model


@pytest.mark.parametrize("method", METHODS)
def test_every_method(make_backend, tmp_path, method):
    path = tmp_path / "new/F.onnx"
    difference = export_model(make_backend(method), path)
    assert difference < 1e-5
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    shapes = {
        each.name: [d.dim_param or d.dim_value for d in each.type.tensor_type.shape.dim]
        for each in (*model.graph.input, *model.graph.output)
    }
    assert set(shapes) == {"image", "strength", "enhanced"}
    assert {type(shape[axis]) for shape in shapes.values() for axis in (0, 2, 3)} == {str}
    assert [shapes[name][1] for name in ("image", "strength", "enhanced")] == [3, 1, 3]


def test_what_the_file_tells(workspace):
    Path("other.py").write_text(Path("config.py").read_text() + "\nlook = dict(exposure=0.5)\n")
    info = describe(TorchBackend("other.py", "weights.pth", "cpu"))
    assert (info.model, info.config, info.licence) == ("ZeroDCE", "other", None)
    assert info.weights_sha256 == hashlib.sha256(Path("weights.pth").read_bytes()).hexdigest()
    assert (info.scale, info.receptive_radius, info.size_multiple) == (1, 7, 1)
    assert info.look == dict(exposure=0.5)


def test_the_licence_of_shipped_weights():
    info = describe(TorchBackend("sgz", None, "cpu"))
    assert "CC BY-NC 4.0" in info.licence
    assert info.weights_sha256.startswith(Path(TorchBackend("sgz").checkpoint).stem.rpartition("-")[2])


def test_enlightengan_needs_multiples_of_16(make_backend):
    info = describe(make_backend("enlightengan"))
    assert (info.receptive_radius, info.size_multiple) == (137, 16)
    assert tiny_enlightengan()["generator"]["type"] == "EnlightenGANGenerator"


@pytest.mark.parametrize(
    "preprocessor",
    [
        dict(type="mmlle.EnhancerDataPreprocessor", mean=20.0, std=100.0),
        dict(type="mmagic.DataPreprocessor", mean=[0, 10, 20], std=[255, 200, 250]),
        dict(type="mmagic.DataPreprocessor", mean=[1, 2, 3], std=[240, 250, 260], output_channel_order="RGB"),
    ],
)
def test_the_data_preprocessor_is_in_the_graph(tmp_path, preprocessor):
    backend = TorchBackend(*make_model(tmp_path, "zero_dce", data_preprocessor=preprocessor))
    assert export_model(backend, tmp_path / "F.onnx") < 1e-5


def test_a_graph_with_constants_of_a_size_is_refused(tmp_path):
    backend = TorchBackend(*make_model(tmp_path, "sgz"), scale=12)
    with pytest.raises(ExportError, match=r"(?s)differs from PyTorch's result by .*; 0\.0001 is allowed"):
        export_model(backend, tmp_path / "F.onnx")
    assert not (tmp_path / "F.onnx").exists()


def test_weights_of_another_model_are_noticed(make_backend, exported, tmp_path):
    backend = TorchBackend(*make_model(tmp_path, "sgz"))
    torch.nn.init.uniform_(backend.model.generator.conv1.pointwise.bias, -1, 1)
    with pytest.raises(ExportError, match="differs"):
        check_export(backend, OnnxRuntimeModel(exported("sgz")))
    assert check_export(make_backend("sgz"), OnnxRuntimeModel(exported("sgz"), side=64)) < 1e-5


def test_denormal_weights_become_zero(tmp_path):
    backend = TorchBackend(*make_model(tmp_path, "sgz"))
    weight = backend.model.generator.conv1.pointwise.weight
    weight.data.view(-1)[:5] = 1e-39
    arrays = [
        onnx.numpy_helper.to_array(each)
        for each in onnx.load_from_string(render_onnx(backend)).graph.initializer
    ]
    values = np.concatenate([array.ravel() for array in arrays if array.dtype == np.float32])
    assert not ((values != 0) & (np.abs(values) < 1e-20)).any()
    assert (values == 0).sum() >= 5


def test_a_package_that_is_missing(make_backend, monkeypatch):
    monkeypatch.setattr("mmlle.deployment.export.find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install onnx onnxruntime"):
        render_onnx(make_backend("sgz"))


def test_a_place_that_cannot_be_written(make_backend, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"Cannot write .*file/F\.onnx: File exists"):
        export_model(make_backend("sgz"), tmp_path / "file/F.onnx")
