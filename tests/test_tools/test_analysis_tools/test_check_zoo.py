import runpy
from pathlib import Path

import pytest

from mmlle.zoo import list_models
from mmlle.zoo.check import Outcome, Statement

SCRIPT = Path(__file__).resolve().parents[3] / "tools/analysis_tools/check_zoo.py"


@pytest.fixture
def script():
    return runpy.run_path(str(SCRIPT))


def test_rows_of_the_table(script):
    statement = Statement("toy", Path("c.py"), Path("w.pth"), "Set5", dict(PSNR=30, SSIM=0.9))
    assert script["rows"](Outcome(statement, dict(PSNR=30.001, SSIM=0.95))) == [
        ["toy", "Set5", "PSNR", "30.0000", "30.0010", "equal"],
        ["toy", "Set5", "SSIM", "0.9000", "0.9500", "differs"],
    ]
    assert script["rows"](Outcome(statement, untested="no data"))[1][-2:] == ["–", "no data"]


def test_shipped_weights_are_sound_and_results_without_data_are_listed(script, tmp_path, capsys):
    script["main"](["--root", str(tmp_path)])
    printed = capsys.readouterr().out
    for entry in list_models().values():
        if entry["weights"] is None:
            continue
        assert f"{entry['weights']}: sound" in printed
        for dataset, figures in entry["results"].items():
            for metric, stated in figures.items():
                assert f"| {dataset} | {metric} | {stated:.4f} | – | no data |" in printed


def test_a_result_that_is_not_what_is_stated_ends_it_with_status_1(script, tmp_path, capsys, monkeypatch):
    statement = Statement("toy", Path("c.py"), Path("w.pth"), "Set5", dict(PSNR=30))
    main = script["main"]
    monkeypatch.setitem(main.__globals__, "check", lambda *arguments: [Outcome(statement, dict(PSNR=29))])
    with pytest.raises(SystemExit, match="1 weights or results are not what is stated"):
        main(["--root", str(tmp_path)])
    assert "| toy | Set5 | PSNR | 30.0000 | 29.0000 | differs |" in capsys.readouterr().out


@pytest.mark.slow
def test_every_result_of_the_metafiles(script, reference_folder, tmp_path, capsys, monkeypatch, run_state):
    monkeypatch.chdir(tmp_path)
    script["main"](["--root", str(reference_folder / "data")])
    printed = capsys.readouterr().out
    assert printed.count("| equal |") >= 2 * sum(
        entry["weights"] is not None for entry in list_models().values()
    )
