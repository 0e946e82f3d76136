import runpy
from pathlib import Path

import numpy as np
import pytest

from mmlle.look import FilmLook, Look
from mmlle.testing import dark_image, write_images

TOOL = runpy.run_path(
    str(Path(__file__).resolve().parents[3] / "tools/analysis_tools/measure_flicker.py"),
    run_name="measure_flicker",
)


def test_a_pan_is_slow_and_its_exposure_jitters():
    still = list(TOOL["pan_over"](dark_image(60, 90), 4, (40, 60), speed=0, jitter=0, noise=0))
    assert all(np.array_equal(picture, still[0]) for picture in still)
    assert still[0].shape == (40, 60, 3)
    lit = list(TOOL["pan_over"](dark_image(60, 90), 9, (40, 60), speed=0, jitter=0.1, noise=0))
    assert np.ptp([picture.mean() / still[0].mean() for picture in lit]) > 0.1


def test_an_enhancement_that_does_nothing_adds_no_flicker():
    pictures = list(TOOL["pan_over"](dark_image(80, 120), 5, (64, 96)))
    look = FilmLook(Look(strength=0), lambda images, strengths: images)
    assert TOOL["measure"](pictures, look).excess == pytest.approx(0, abs=1e-9)


def test_the_table(workspace, capsys):
    write_images("in", ["a.png", "b.png"], size=(64, 96))
    settings = ["--model", "config.py", "--weights", "weights.pth", "--frames", "3", "--max-films", "1"]
    TOOL["main"](["in", *settings])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| as trained |")
    assert lines[5].startswith("| and smoothed, the default |")
    assert lines[-1].startswith("1 films; ")
