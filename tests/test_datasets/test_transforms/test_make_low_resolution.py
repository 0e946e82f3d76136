import numpy as np
import pytest
from PIL import Image

from mmlle.datasets import MakeLowResolution
from mmlle.testing import dark_image
from mmlle.utils.errors import ImageSizeError


def make(truth, **options):
    return MakeLowResolution(**options)(dict(gt=truth, gt_path="photo.png"))


def test_lanczos_is_pillows():
    truth = dark_image(32, 48)
    made = make(truth)
    expected = np.asarray(Image.fromarray(truth).resize((12, 8), Image.Resampling.LANCZOS))
    assert np.array_equal(made["img"], expected)
    assert np.array_equal(made["gt"], truth)


def matlab_row(row, scale):
    """MATLAB's imresize of a row by 1 / scale: the bicubic kernel (a = -0.5) widened, edges mirrored."""
    out = []
    for index in range(len(row) // scale):
        centre = (index + 0.5) * scale - 0.5
        taps = np.arange(int(centre) - 2 * scale, int(centre) + 2 * scale + 2)
        d = np.abs(taps - centre) / scale
        weights = np.where(
            d <= 1, 1.5 * d**3 - 2.5 * d**2 + 1, np.where(d <= 2, -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2, 0)
        )
        mirrored = np.concatenate([row, row[::-1]])[taps % (2 * len(row))]
        out.append(np.tensordot(weights / weights.sum(), mirrored, axes=1))
    return np.array(out)


def test_bicubic_is_matlabs():
    truth = dark_image(24, 32)
    made = make(truth, kernel="bicubic")["img"]
    expected = matlab_row(np.stack([matlab_row(row, 4) for row in truth.astype(float)]), 4)
    assert made.dtype == np.uint8
    assert np.abs(made - expected).max() <= 0.51


@pytest.mark.parametrize("kernel", ["lanczos", "bicubic"])
@pytest.mark.parametrize("size", [(33, 47), (4, 7), (35, 32)])
def test_of_odd_sizes_the_rest_is_cut_off(kernel, size):
    truth = dark_image(*size)
    made = make(truth, kernel=kernel)
    height, width = size[0] // 4, size[1] // 4
    assert made["img"].shape == (height, width, 3)
    assert np.array_equal(made["gt"], truth[: 4 * height, : 4 * width])
    again = make(made["gt"], kernel=kernel)
    assert np.array_equal(made["img"], again["img"])


def test_another_scale():
    assert make(dark_image(20, 22), scale=2)["img"].shape == (10, 11, 3)


def test_what_it_makes_can_be_flipped_in_place():
    assert make(dark_image(8, 8))["img"].flags.writeable


def test_an_image_without_a_pixel_left_is_named():
    with pytest.raises(ImageSizeError, match=r"photo\.png.*by 4.*3x40"):
        make(dark_image(3, 40))


def test_an_unknown_kernel_is_refused():
    with pytest.raises(ValueError, match="'bicubic', 'lanczos'.*'nearest'"):
        MakeLowResolution(kernel="nearest")
