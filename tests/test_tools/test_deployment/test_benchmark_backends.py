import re
import sys
from pathlib import Path

import pytest

from mmlle.testing import write_images

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools/deployment"))
from benchmark_backends import main

pytest.importorskip("onnxruntime")


def test_a_table_of_ratios(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_images("in", ["0.png", "1.png"], size=(32, 48))
    main(["sgz", "--size", "24", "32", "--repeats", "1", "--int8", "in"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("One image of 24x32 px (height x width), ")
    header, row = (re.split(r" {2,}", line) for line in lines[1:])
    assert header[:3] == ["time / PyTorch's", "torch", "onnxruntime"]
    assert header[-2:] == ["difference, float32", "int8 dB"]
    assert row[:2] == ["sgz", "1.00"]
    assert float(row[-2]) < 1e-4
    assert float(row[-1]) > 20
