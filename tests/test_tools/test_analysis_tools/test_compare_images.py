import sys
from pathlib import Path

import numpy as np
import pytest

from mmlle.evaluation.functional import psnr, ssim
from mmlle.media.image_io import read_image, write_image
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "analysis_tools"))

import compare_images  # noqa: E402


@pytest.fixture
def images(tmp_path, monkeypatch):
    """Write the folders ``truth`` and ``dark`` into the working directory; gives the images by folder."""
    monkeypatch.chdir(tmp_path)
    truth = dark_image(20, 30)
    write_image("truth/a.png", truth)
    write_image("dark/a.png", truth // 2)
    return dict(truth=truth, dark=truth // 2)


def test_figures_and_contact_sheet(images, capsys):
    compare_images.main(["dark", "truth", "--truth", "truth", "--picture", "out/sheet.png"])
    header, dark, same, picture = capsys.readouterr().out.splitlines()
    assert header.split() == ["against", "truth", "PSNR", "SSIM"]
    expected = [measure(images["dark"], images["truth"]) for measure in (psnr, ssim)]
    assert dark.split()[0] == "dark"
    assert [float(x) for x in dark.split()[1:]] == pytest.approx(expected, abs=1e-3)
    assert same.split() == ["truth", "120.000", "1.0000"]
    assert picture == "Picture: out/sheet.png"
    assert read_image("out/sheet.png").shape == (28 + 20, 3 * 30, 3)


def test_the_middle_is_enlarged(images):
    compare_images.main(["dark", "--truth", "truth", "--picture", "sheet.png", "--side", "10"])
    sheet = read_image("sheet.png")
    assert sheet.shape == (28 + 30, 2 * 30, 3)
    np.testing.assert_array_equal(sheet[28::3, 30::3], images["truth"][5:15, 10:20])


@pytest.mark.usefixtures("images")
def test_no_contact_sheet_of_what_cannot_be_compared():
    write_image("dark/a.png", dark_image(20, 24))
    with pytest.raises(UserError, match=r"dark/a\.png is 20x24"):
        compare_images.main(["dark", "--truth", "truth", "--picture", "sheet.png"])
    assert not Path("sheet.png").exists()
