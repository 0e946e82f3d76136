import hashlib
import json
import runpy
from pathlib import Path

import pytest

from mmlle.zoo import weights_path

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def script():
    return runpy.run_path(str(ROOT / "tools/analysis_tools/update_readme.py"))


@pytest.fixture
def report():
    return json.loads((ROOT / "docs/quality_final.json").read_text())


def test_the_tables_of_the_readme_are_those_of_the_measurements(script, report):
    """If not: python tools/analysis_tools/update_readme.py."""
    text = (ROOT / "README.md").read_text()
    assert script["render"](text, ROOT / "configs", report) == text
    assert text.count("<!-- table ") == text.count("<!-- end of table -->") == 2


def test_the_measured_weights_are_those_that_are_shipped(report):
    for label, model in report["models"].items():
        if not label.partition("+")[0].endswith("_official"):
            shipped = hashlib.sha256(weights_path(model["model"]).read_bytes()).hexdigest()
            assert model["sha256"] == shipped, label


def test_a_table_follows_its_figures(script, report):
    report["sets"]["A"]["summary"]["sgz"]["PSNR"]["mean"] = 99.995
    text = "before\n<!-- table quality -->\nold\n<!-- end of table -->\nafter"
    rendered = script["render"](text, ROOT / "configs", report)
    assert rendered.startswith("before\n<!-- table quality -->\n| weights |")
    assert rendered.endswith("|\n<!-- end of table -->\nafter")
    assert "old" not in rendered
    assert "| SGZ, ours | 100.00/" in rendered or "| SGZ, ours | 99.99/" in rendered
