import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from mmlle.benchmark.semantics import SegmentationScore, Segmentor
from mmlle.media.image_io import read_image, write_image

SCRIPT = Path(__file__).resolve().parents[3] / "tools/analysis_tools/benchmark_semantics.py"
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture
def benchmark(tmp_path, monkeypatch, capsys, run_state):
    """Run the command in an empty folder and give what it prints."""
    monkeypatch.chdir(tmp_path)
    main = runpy.run_path(str(SCRIPT))["main"]

    def call(*arguments):
        main(arguments)
        return capsys.readouterr().out

    return call


def test_labels_and_agreement(tmp_path, benchmark):
    """On generated scenes, and again on the same files given one by one."""
    small = "--generate", "made", "--count", "3", "--steps", "8"
    printed = benchmark(*small, "--models", "input", "--out", "first.json")
    assert "not real ones" in printed
    first = json.loads((tmp_path / "first.json").read_text())
    assert first["images"] == 3
    assert first["results"]["clean"].keys() == {"mIoU, labels", "accuracy, labels"}
    assert f"| input | {first['results']['input']['mIoU, labels']:.1f} |" in printed

    segmentor = Segmentor("made/segmentor.py", "made/segmentor.pth", "cpu")
    score = SegmentationScore(5)
    for number in range(3):
        image = read_image(f"made/images/{number:03d}.png")
        score.add(segmentor(image), read_image(f"made/labels/{number:03d}.png")[..., 0])
        write_image(f"dark/{number:03d}.png", image // 8)
        write_image(f"repaired/low/{number:03d}.png", image)
    assert first["results"]["clean"]["mIoU, labels"] == pytest.approx(score.summary()["mIoU"])

    given = "made/images", "--segmentor", "made/segmentor.py", "made/segmentor.pth", "--low", "dark"
    printed = benchmark(*given, "--models", "input", "repaired", "--out", "second.json")
    assert "labels" not in printed
    results = json.loads((tmp_path / "second.json").read_text())["results"]
    assert results["repaired"] == {"mIoU, clean": 100, "accuracy, clean": 100}
    agreement = SegmentationScore(5)
    for number in range(3):
        image = read_image(f"made/images/{number:03d}.png")
        agreement.add(segmentor(image // 8), segmentor(image))
    expected = agreement.summary()
    assert results["input"] == pytest.approx({f"{name}, clean": value for name, value in expected.items()})

    write_image("made/images/003.png", np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(SystemExit, match="Error: dark has no image 003"):
        benchmark(*given, "--models", "input")


def test_too_little_is_given(benchmark):
    for arguments in ((), ("somewhere",)):
        with pytest.raises(SystemExit, match="Error: Give a folder of clean images and --segmentor"):
            benchmark(*arguments, "--models", "input")
    with pytest.raises(SystemExit, match="Error: There is no image in nowhere"):
        benchmark("nowhere", "--segmentor", "a.py", "b.pth", "--models", "input")
