import sys
from pathlib import Path

import pytest

from mmlle.utils.errors import UserError

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import measure_memory  # noqa: E402


def test_memory_and_time_of_a_process(tmp_path, monkeypatch):
    ending = measure_memory.PROGRAM[measure_memory.PROGRAM.index("print(") :]
    program = f"import re, time\nfrom pathlib import Path\nblock = bytearray(b'1' * 2**27)\n{ending}"
    monkeypatch.setattr(measure_memory, "PROGRAM", program)
    usage = measure_memory.measure(["--model=sgz"], (20, 30), tmp_path)
    assert 2**27 < usage.memory < 2**28 + 2**26
    assert 0 < usage.seconds < 10
    assert (tmp_path / "20x30.jpg").stat().st_size > 100


def test_a_command_that_fails_says_why(tmp_path):
    with pytest.raises(UserError, match="sgz.onnx is an exported file"):
        measure_memory.measure(["--model=sgz.onnx", "--backend=torch"], (20, 30), tmp_path)
