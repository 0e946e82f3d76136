import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import plot_logs  # noqa: E402


@pytest.fixture
def run(tmp_path):
    """A training of two logged iterations."""
    path = tmp_path / "run/20260101_000000/vis_data/scalars.json"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(dict(loss=1 / step, lr=0.1, step=step)) + "\n" for step in (1, 2)))
    return tmp_path / "run"


def test_what_is_drawn_is_said(run, tmp_path, capsys):
    out = tmp_path / "curves.png"
    plot_logs.main([str(run), "--out", str(out)])
    assert capsys.readouterr().out == f"{out}: loss\n"
    assert out.stat().st_size > 1000


def test_titles_tell_trainings_apart(run, capsys):
    with pytest.raises(SystemExit):
        plot_logs.main([str(run), str(run)])
    assert "2 trainings need as many different --titles" in capsys.readouterr().err
