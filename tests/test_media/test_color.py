import ast
from pathlib import Path

import numpy as np
import pytest

import mmlle
from mmlle.media.color import LUMA_WEIGHTS, linear_to_srgb, luma, mean_luma, srgb_to_linear, studio_luma
from mmlle.testing import dark_image


def test_mean_luma_by_hand():
    image = np.zeros((2, 2, 3), np.uint8)
    image[0, 0] = (100, 0, 0)  # blue
    image[0, 1] = (0, 0, 200)  # red
    assert mean_luma(image) == pytest.approx((0.114 * 100 + 0.299 * 200) / 4)
    assert mean_luma(np.full((3, 4, 3), 255, np.uint8)) == pytest.approx(255)


def test_studio_luma_of_the_primaries_by_hand():
    bgr = np.zeros((1, 5, 3), np.uint8)
    bgr[0, 1], bgr[0, 2], bgr[0, 3], bgr[0, 4] = 255, (255, 0, 0), (0, 255, 0), (0, 0, 255)
    # BT.601 in studio range: 219 times 0.114, 0.587 and 0.299, above 16.
    expected = [16, 235, 16 + 24.966, 16 + 128.553, 16 + 65.481]
    assert studio_luma(bgr)[0, :, 0] == pytest.approx(expected)
    assert studio_luma(dark_image(5, 7)).shape == (5, 7, 1)


def test_transfer_curve_known_values_and_inverse():
    # 0.5 in sRGB is 0.2140 of the light; below 0.04045 the curve is a line of slope 1 / 12.92.
    assert srgb_to_linear(np.array([0.0, 0.02, 0.5, 1.0])) == pytest.approx(
        [0.0, 0.02 / 12.92, 0.21404114, 1.0]
    )
    values = np.linspace(0, 1, 1001)
    assert linear_to_srgb(srgb_to_linear(values)) == pytest.approx(values, abs=1e-6)


def test_the_weights_of_the_luma_are_written_once():
    package = Path(mmlle.__file__).parent
    # The adapters of the originals' code stay independent of what they are compared with.
    files = [path for path in package.rglob("*.py") if "benchmark" not in path.parts]
    numbers = {
        path.relative_to(package).as_posix()
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in LUMA_WEIGHTS
    }
    assert numbers == {"media/color.py"}


def test_luma_of_each_pixel():
    # 0.114 * 10 + 0.587 * 20 + 0.299 * 30, and a grey
    assert luma(np.array([[10, 20, 30], [7, 7, 7]], np.uint8)) == pytest.approx(np.array([21.85, 7]))
