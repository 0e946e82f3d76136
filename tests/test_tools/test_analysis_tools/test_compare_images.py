import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mmlle.evaluation.functional import psnr, ssim
from mmlle.media.image_io import read_image, write_image
from mmlle.testing import dark_image

SCRIPT = Path(__file__).resolve().parents[3] / "tools/analysis_tools/compare_images.py"


@pytest.fixture
def compare(tmp_path):
    def run(*arguments):
        command = [sys.executable, SCRIPT, *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    return run


def test_figures_and_picture(tmp_path, compare):
    pictures = [dark_image(20, 30, seed=0), dark_image(16, 24, seed=1)]
    for index, picture in enumerate(pictures):
        write_image(tmp_path / f"truth/sub/{index}.png", picture)
        write_image(tmp_path / f"dark/sub/{index}.bmp", picture // 2)
        write_image(tmp_path / f"same/sub/{index}.png", picture)
    done = compare("dark", "same", "--truth", "truth", "--picture", "out/sheet.png")
    assert done.returncode == 0, done.stderr
    pairs = [
        (dark_image(*size, seed=i) // 2, dark_image(*size, seed=i))
        for i, size in enumerate([(20, 30), (16, 24)])
    ]
    found = dict(re.findall(r"^(dark|same) +(.+)$", done.stdout, re.MULTILINE))
    expected = [np.mean([measure(*pair) for pair in pairs]) for measure in (psnr, ssim)]
    assert [float(x) for x in found["dark"].split()] == pytest.approx(expected, abs=1e-3)
    assert found["same"].split() == ["120.000", "1.0000"]
    sheet = read_image(tmp_path / "out/sheet.png")
    assert sheet.shape == (28 + 20 + 16, 3 * 30, 3)
    # A row below the titles: dark, same, truth.
    assert np.array_equal(sheet[28:48, :30], pairs[0][0])
    assert np.array_equal(sheet[28:48, 60:], pairs[0][1])


def test_what_does_not_belong_together_is_named(tmp_path, compare):
    write_image(tmp_path / "truth/a.png", dark_image(20, 20))
    assert "There is no image below dark" in compare("dark", "--truth", "truth").stderr
    write_image(tmp_path / "dark/b.png", dark_image(20, 20))
    assert "truth/a.png has no counterpart" in compare("dark", "--truth", "truth").stderr
    write_image(tmp_path / "dark/a.png", dark_image(20, 24))
    done = compare("dark", "--truth", "truth", "--picture", "sheet.png")
    assert done.returncode == 1
    assert "dark/a.png is 20x24 and truth/a.png 20x20" in done.stderr
    assert not (tmp_path / "sheet.png").exists()
