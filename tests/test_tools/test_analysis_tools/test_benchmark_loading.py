import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import benchmark_loading  # noqa: E402


def test_small_photographs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    options = ["--size", "150", "200", "--scenes", "2", "--frames", "2", "--samples", "3"]
    benchmark_loading.main([str(ROOT / "configs/pairlie/pairlie_sice.py"), *options])
    printed = capsys.readouterr().out
    assert "2 scenes of 2 frames, 150x200 (height x width)" in printed
    assert "building the cache: " in printed
    assert ", 0 MB" in printed
    assert "3 samples of each, which are equal" in printed
    assert not list(tmp_path.iterdir())
