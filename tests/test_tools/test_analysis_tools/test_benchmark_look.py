import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import benchmark_look  # noqa: E402


def test_a_row_for_each_model_and_size(capsys):
    options = "--scale 4 --size 30 40 --size 20 24 --repeats 1"
    benchmark_look.main(["sgz", *options.split()])
    first, header, *rows = capsys.readouterr().out.splitlines()
    assert "scale 4" in first
    assert "look's share" in header
    assert [row.split()[:2] for row in rows] == [["sgz", "30x40"], ["sgz", "20x24"]]
    assert all(row.endswith(" %") and float(row.split()[-2]) > 0 for row in rows)
