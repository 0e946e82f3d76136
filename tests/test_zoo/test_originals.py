from pathlib import Path

import pytest

from mmlle.utils.errors import UserError
from mmlle.zoo.check import check
from mmlle.zoo.originals import original_statements

CONFIGS = Path(__file__).resolve().parents[2] / "configs"


def test_a_folder_without_weights(tmp_path):
    with pytest.raises(UserError, match=r"no files <method>_official\.\*"):
        list(original_statements(tmp_path, CONFIGS, tmp_path))


def test_a_file_that_cannot_be_converted_says_why(tmp_path):
    (tmp_path / "zero_dce_official.pth").write_text("no")
    (statement,) = original_statements(tmp_path, CONFIGS, tmp_path)
    assert statement.model == "Zero-DCE, authors'"
    assert statement.config == CONFIGS / "zero_dce/zero_dce_lol.py"
    assert statement.checkpoint is None
    assert "zero_dce_official.pth" in statement.missing


@pytest.mark.slow
def test_the_figures_of_the_original_code(reference_folder, tensorflow, tmp_path, run_state, monkeypatch):
    monkeypatch.chdir(tmp_path)
    statements = list(original_statements(reference_folder / "weights", CONFIGS, tmp_path))
    assert len(statements) == 9
    # Those of Set14 take a minute each; test_test.py has one of them.
    outcomes = list(
        check((each for each in statements if each.dataset != "Set14"), reference_folder / "data", tmp_path)
    )
    assert [outcome.untested for outcome in outcomes] == [""] * 7
    assert {outcome.statement.model: outcome.measured for outcome in outcomes if outcome.differing} == {}
