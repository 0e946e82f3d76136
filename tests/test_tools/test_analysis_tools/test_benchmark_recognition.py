import json
import runpy
from pathlib import Path

import pytest
import torch

from mmlle.media.image_io import write_image
from mmlle.registry import MODELS
from mmlle.testing import tiny_enhancenet, tiny_zero_dce
from mmlle.utils.checkpoint_io import write_checkpoint

SCRIPT = Path(__file__).resolve().parents[3] / "tools/analysis_tools/benchmark_recognition.py"


@pytest.fixture
def benchmark(tmp_path, monkeypatch, capsys, run_state):
    """Run the command in an empty folder and give what it prints."""
    monkeypatch.chdir(tmp_path)
    main = runpy.run_path(str(SCRIPT))["main"]

    def call(*arguments):
        main(arguments)
        return capsys.readouterr().out

    return call


@pytest.fixture
def models(tmp_path):
    """A model that enlarges and one that does not, with random weights."""
    names = []
    for name, config in (("large", tiny_enhancenet()), ("same", tiny_zero_dce())):
        (tmp_path / f"{name}.py").write_text(f"model = {config!r}\n")
        torch.manual_seed(0)
        write_checkpoint(tmp_path / f"{name}.pth", MODELS.build(dict(config)).state_dict(), {})
        names.append(f"{name}.py:{name}.pth")
    return names


def test_originals_bicubic_enlargements_and_models(tmp_path, benchmark, models):
    small = "--generate", "made", "--count", "4", "--steps", "2"
    printed = benchmark(*small, "--models", models[0], "--top-k", "1", "10", "--out", "figures.json")
    assert "no photographs" in printed
    report = json.loads((tmp_path / "figures.json").read_text())
    names = ("original", "bicubic", "large")
    assert report["results"].keys() == {f"Top{k}_{name}" for k in (1, 10) for name in names}
    assert all(report["results"][f"Top10_{name}"] == 100 for name in names)
    assert report["models"]["large"]["weights"] == "large.pth"
    table = [line.split(" | ")[0] for line in printed.splitlines()[-5:]]
    assert table == ["| 4 images, %", "|---|---|---|", "| original", "| bicubic", "| large"]

    # The same files, one of them with sides that are no multiples of four.
    write_image(tmp_path / "made/images/0000.png", torch.zeros(51, 49, 3, dtype=torch.uint8).numpy())
    given = "--labels", "made/labels.txt", "--weights", "made/classifier.pth", "--classifier", "resnet18"
    printed = benchmark("made/images", *given, "--num-classes", "10", "--models", models[0])
    assert "| 4 images, % | Top1 | Top5 |" in printed


def test_a_model_that_does_not_enlarge(benchmark, models):
    with pytest.raises(SystemExit, match="Error: same does not enlarge four times"):
        benchmark("--generate", "made", "--count", "1", "--steps", "2", "--models", models[1])


def test_too_little_is_given(benchmark):
    with pytest.raises(SystemExit, match="Error: Give a folder of images, --labels and --weights"):
        benchmark("somewhere", "--models", "input")
