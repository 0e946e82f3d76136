import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_small_photographs(tmp_path):
    script = ROOT / "tools/analysis_tools/benchmark_loading.py"
    config = ROOT / "configs/pairlie/pairlie_sice.py"
    options = ["--size", "150", "200", "--scenes", "2", "--frames", "2", "--samples", "3"]
    done = subprocess.run(
        [sys.executable, script, config, *options], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "2 scenes of 2 frames, 150x200 (height x width)" in done.stdout
    # Three bytes a pixel, and the small files beside.
    assert "building the cache: " in done.stdout
    assert ", 0 MB" in done.stdout
    assert "3 samples of each, which are equal" in done.stdout
    assert not list(tmp_path.iterdir())
