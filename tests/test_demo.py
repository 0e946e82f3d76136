import ast
import json
from pathlib import Path

import numpy as np
import pytest

NOTEBOOK = Path(__file__).resolve().parents[1] / "demo/enhance.ipynb"


@pytest.fixture(scope="module")
def cells():
    return json.loads(NOTEBOOK.read_text())["cells"]


def test_it_is_a_notebook_without_outputs(cells):
    notebook = json.loads(NOTEBOOK.read_text())
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert len({cell["id"] for cell in cells}) == len(cells)
    for cell in cells:
        needed = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
            needed |= {"outputs", "execution_count"}
        assert set(cell) == needed


def shown(cell, names):
    """Run a cell; what its last line shows."""
    code = ast.parse("".join(cell["source"]))
    last = code.body.pop()
    assert isinstance(last, ast.Expr), "each cell shows something"
    exec(compile(code, "cell", "exec"), names)
    return eval(compile(ast.Expression(last.value), "cell", "eval"), names)


@pytest.mark.slow
def test_its_cells_run_and_show_what_they_say(cells, monkeypatch, run_state):
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("the notebook needs a network"))
    names = {}
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    dark, pair, exposures, strengths, properties = (shown(cell, names) for cell in code)
    width = dark.width
    images = [np.asarray(image, dtype=float) for image in (dark, pair, exposures, strengths)]
    means = [[part.mean() for part in np.split(image, image.shape[1] // width, axis=1)] for image in images]
    assert means[0][0] < 50
    assert means[1] == [means[0][0], pytest.approx(110, abs=25)]
    for row in means[2:]:
        assert row == sorted(row)
        assert row[-1] > row[0] + 30
    assert np.array_equal(images[3][:, :width], images[0])
    assert properties == ("Rachel Michetti", (300, 300))
