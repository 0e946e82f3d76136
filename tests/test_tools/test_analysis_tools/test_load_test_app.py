import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("gradio", reason="needs the extra app")

TOOL = Path(__file__).resolve().parents[3] / "tools/analysis_tools/load_test_app.py"


@pytest.mark.slow
def test_all_are_answered_or_refused_in_words_and_nothing_is_left(tmp_path):
    command = [sys.executable, str(TOOL), "--visitors", "3", "--size", "40", "60", "--megapixels", "60"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert "answered: 3" in lines
    (refused,) = [line for line in lines if line.startswith("refused: ")]
    assert "6000x10000 px (height x width) exceed the limit of 50,000,000 pixels" in refused
    assert not [line for line in lines if line.startswith("failed: ")]
    assert lines[-1] == "files left: 0"
