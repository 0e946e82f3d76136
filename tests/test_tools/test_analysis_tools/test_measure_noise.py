import runpy
from pathlib import Path

import pytest

from mmlle.media.image_io import write_image
from mmlle.testing import dark_image

SCRIPT = Path(__file__).resolve().parents[3] / "tools/analysis_tools/measure_noise.py"


@pytest.fixture
def measure(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    main = runpy.run_path(str(SCRIPT))["main"]

    def call(*arguments):
        main(arguments)
        return capsys.readouterr().out

    return call


def test_real_and_synthesised_photographs_side_by_side(tmp_path, measure):
    for seed in range(2):
        write_image(tmp_path / f"dark/{seed}.png", dark_image(160, 160, seed))
        write_image(tmp_path / f"bright/{seed}.png", dark_image(160, 160, seed) * 3)
    options = "--synthesize", "bright", "--exposure", "0.1", "0.2", "--shot-noise", "1e-4", "1e-4"
    printed = measure("dark", *options)
    assert [line.split(" | ")[:2] for line in printed.splitlines()] == [
        ["| photographs", "n"],
        ["| ---", "---"],
        ["| dark", "2"],
        ["| synthesised", "2"],
        ["| the same without noise", "2"],
    ]
    assert measure("dark", *options) == printed
    assert measure("dark", *options, "--read-noise", "1e-5", "1e-5") != printed


@pytest.mark.parametrize("option", ["--exposure", "--shot-noise", "--read-noise"])
def test_an_empty_range(measure, option):
    with pytest.raises(SystemExit, match=f"Error: {option} must be two numbers above 0 that go up, got 2 1"):
        measure("dark", option, "2", "1")


def test_a_folder_that_is_missing(measure):
    with pytest.raises(SystemExit, match="Error: There is no image in nowhere"):
        measure("nowhere")
