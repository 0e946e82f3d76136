import hashlib
import json
import runpy
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models import alexnet

from mmlle.evaluation.functional import LPIPSDistance, psnr
from mmlle.media.image_io import read_image, write_image
from mmlle.testing import dark_image

SCRIPT = Path(__file__).resolve().parents[3] / "tools/analysis_tools/benchmark_quality.py"


@pytest.fixture
def benchmark(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder and give what it prints."""
    monkeypatch.chdir(tmp_path)
    main = runpy.run_path(str(SCRIPT))["main"]

    def run(*arguments):
        main(arguments)
        return capsys.readouterr().out

    return run


def test_tables_figures_and_pictures(tmp_path, benchmark):
    dark = dark_image(20, 30, seed=0)
    for group, factor in (("selection", 2), ("final", 3)):
        write_image(tmp_path / f"data/quality/{group}/B/low/one.png", dark)
        write_image(tmp_path / f"data/quality/{group}/B/high/one.png", np.minimum(dark, 80) * factor)
        write_image(tmp_path / f"data/quality/{group}/C/two.png", dark)
    for path in ("B/one.png", "C/two.png"):
        write_image(tmp_path / "other" / path, dark // 2)

    arguments = "--models", "input", "other", "--sets", "B", "C"
    printed = benchmark(*arguments, "--out", "figures.json", "--picture", "sheet.png", "--save", "saved")
    assert "final" not in printed.lower()
    report = json.loads((tmp_path / "figures.json").read_text())
    expected = psnr(dark // 2, np.minimum(dark, 80) * 2)
    assert report["sets"]["B"]["values"]["other"]["one"]["PSNR"] == pytest.approx(expected)
    assert report["sets"]["B"]["summary"]["other"]["PSNR"]["n"] == 1
    assert report["models"]["other"] == {"folder": "other"}
    assert report["environment"]["MMLLE"]
    assert f"| other | 1 | {expected:.2f} |" in printed
    assert "| C ordinary | n | burnt % |" in printed
    assert read_image(tmp_path / "sheet.png").shape[1] == 4 * 240  # input, input, other, reference
    assert np.array_equal(read_image(tmp_path / "saved/other/C/two.png"), dark // 2)

    assert benchmark(*arguments) == printed
    final = benchmark(*arguments, "--final")
    assert "This is the final table: choose nothing by it." in final
    assert f"| other | 1 | {psnr(dark // 2, np.minimum(dark, 80) * 3):.2f} |" in final


def test_every_nth_photograph(tmp_path, benchmark):
    for index in range(4):
        write_image(tmp_path / f"data/quality/selection/C/{index}.png", dark_image(20, 30, seed=index))
    printed = benchmark("--models", "input", "--sets", "C", "--every", "3", "--out", "figures.json")
    assert "one of 3" in printed
    report = json.loads((tmp_path / "figures.json").read_text())
    assert report["every"] == 3
    assert list(report["sets"]["C"]["values"]["input"]) == ["0", "3"]
    with pytest.raises(SystemExit, match="--every must be at least 1, got 0"):
        benchmark("--models", "input", "--every", "0")


def test_lpips_where_weights_are_at_hand(tmp_path, benchmark):
    torch.manual_seed(0)
    with torch.device("meta"):
        shapes = {f"features.{k}": v.shape for k, v in alexnet(weights=None).features.state_dict().items()}
    torch.save({name: torch.randn(shape) * 0.05 for name, shape in shapes.items()}, tmp_path / "alex.pth")
    dark = dark_image(32, 40)
    write_image(tmp_path / "data/quality/selection/A/low/one.png", dark)
    write_image(tmp_path / "data/quality/selection/A/high/one.png", dark * 2)
    write_image(tmp_path / "data/quality/selection/C/two.png", dark)
    arguments = "--models", "input", "--sets", "A", "C", "--lpips-backbone", "alex.pth"
    printed = benchmark(*arguments, "--out", "figures.json")
    assert "| A dark and noisy | n | PSNR | SSIM | DeltaE | luma | LPIPS |" in printed
    report = json.loads((tmp_path / "figures.json").read_text())
    expected = LPIPSDistance(tmp_path / "alex.pth")(dark, dark * 2)
    assert report["sets"]["A"]["values"]["input"]["one"]["LPIPS"] == pytest.approx(expected)
    digest = hashlib.sha256((tmp_path / "alex.pth").read_bytes()).hexdigest()
    assert report["lpips"] == dict(net="alex", backbone_weights="alex.pth", sha256=digest)
    assert "LPIPS" not in report["sets"]["C"]["values"]["input"]["two"]
    with pytest.raises(SystemExit, match=r"no file gone\.pth for backbone_weights"):
        benchmark("--models", "input", "--lpips-backbone", "gone.pth")


def test_a_file_that_cannot_be_written_is_found_out_first(tmp_path, benchmark):
    (tmp_path / "taken").touch()
    with pytest.raises(SystemExit, match=r"no file taken/x\.json"):
        benchmark("--models", "input", "--out", "taken/x.json")


def test_sets_that_are_missing(benchmark):
    with pytest.raises(SystemExit, match=r"Error: There are no photographs in .*prepare_quality_sets\.py"):
        benchmark("--models", "input")
