import logging

import numpy as np
import onnx
import pytest

from mmlle.deployment.model_info import ModelInfo
from mmlle.deployment.onnxruntime_model import OnnxRuntimeModel
from mmlle.deployment.quantization import QuantizationReport, export_int8
from mmlle.testing import write_images
from mmlle.utils.errors import UserError


@pytest.mark.parametrize(
    ("method", "outermost"),
    [
        ("sgz", ["/generator/conv1/depthwise/Conv", "/generator/conv7/pointwise/Conv"]),
        ("pairlie", ["/generator/l_net/conv5/Conv", "/generator/r_net/conv5/Conv"]),
    ],
)
def test_convolutions_are_quantised_by_photographs(make_backend, tmp_path, method, outermost):
    write_images(tmp_path / "in", [f"{i}.png" for i in range(5)], size=(50, 70))
    report = export_int8(make_backend(method), tmp_path / "F.onnx", tmp_path / "in")
    assert (report.num_calibration, report.num_held_out) == (3, 2)
    assert 25 < report.psnr < 100
    assert report.time_ratios["onnxruntime"] > 0
    model = onnx.load(tmp_path / "F.onnx")
    dequantized = {node.output[0] for node in model.graph.node if node.op_type == "DequantizeLinear"}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    kept = [node.name for node in convolutions if node.input[1] not in dequantized]
    assert sorted(kept) == outermost
    assert len(convolutions) > 2 * len(kept)
    runtime = OnnxRuntimeModel.from_file(tmp_path / "F.onnx")
    assert (runtime.info.precision, runtime.info.config) == ("int8", method)
    images = np.random.default_rng(0).random((1, 3, 37, 53), np.float32)
    result = runtime.enhance_batch(images, np.zeros((1, 1, 1, 1), np.float32))
    assert np.array_equal(result, images)
    assert logging.getLogger().level == logging.WARNING


def test_one_photograph_does_not_do(make_backend, tmp_path):
    write_images(tmp_path / "in", ["0.png"])
    (tmp_path / "in/film.mp4").write_bytes(b"is not taken for one")
    with pytest.raises(UserError, match="at least two photographs; there is 1 in"):
        export_int8(make_backend("sgz"), tmp_path / "F.onnx", tmp_path / "in")
    assert not (tmp_path / "F.onnx").exists()


def test_the_report_says_when_it_is_slower():
    text = str(QuantizationReport(45.51, 24, 8, dict(onnxruntime=1.5, openvino=0.5)))
    assert text == (
        "int8 by 24 photographs: 45.5 dB to float32 on 8 held-out ones, 1.50 of the time in onnxruntime "
        "(slower), 0.50 of the time in openvino"
    )


def test_the_precision_is_told():
    assert ModelInfo.__dataclass_fields__["precision"].default == "float32"
