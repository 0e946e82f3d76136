import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mmlle.apis import LowLightInferencer
from mmlle.cli import enhance
from mmlle.cli.export import main, parse_args
from mmlle.media.image_io import read_image
from mmlle.testing import write_images

MODEL = ["config.py", "--weights", "weights.pth"]


def test_the_arguments():
    args = parse_args(["sgz", "-o", "F.onnx"])
    assert (args.model, args.out, args.weights, args.int8) == ("sgz", "F.onnx", None, None)


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_what_is_exported_enhances(workspace, capsys, backend):
    pytest.importorskip(backend)
    main([*MODEL, "-o", "new/F.onnx"])
    assert capsys.readouterr().out.startswith("new/F.onnx: largest difference to PyTorch ")
    write_images(".", ["x.png"])
    enhance.main(["x.png", "-o", "y.png", "--model", "new/F.onnx", "--backend", backend])
    expected = LowLightInferencer("config.py", "weights.pth", "cpu")("x.png")
    assert np.abs(read_image("y.png").astype(int) - expected).max() <= 1
    assert np.abs(expected.astype(int) - read_image("x.png")).max() > 1


def test_int8(workspace, capsys):
    write_images("in", ["0.png", "1.png"], size=(40, 48))
    main([*MODEL, "-o", "F.onnx", "--int8", "in"])
    assert "F.onnx: int8 by 1 photographs: " in capsys.readouterr().out
    assert Path("F.onnx").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["retinex", "-o", "F.onnx"], "There is no model 'retinex'"),
        ([*MODEL, "-o", "F.pth"], "Cannot write F.pth: the name of an exported file ends in .onnx"),
        ([*MODEL, "-o", "there.onnx"], "there.onnx is there already; --overwrite replaces it"),
        ([*MODEL, "-o", "F.onnx", "--int8", "gone"], "There is no image at gone"),
    ],
)
def test_messages(workspace, stopped, arguments, message):
    Path("there.onnx").touch()
    assert message in stopped(main, arguments)
    assert not Path("F.onnx").exists()


def test_the_tool_is_the_command():
    tool = Path(__file__).resolve().parents[2] / "tools/deployment/export_onnx.py"
    result = subprocess.run([sys.executable, tool, "--help"], capture_output=True, text=True, check=True)
    assert result.stdout.startswith("usage: mmlle export")
