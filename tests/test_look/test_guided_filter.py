import numpy as np
import pytest

from mmlle.look.guided_filter import guided_smoothing


def plain(image, side, eps):
    """The guided filter of the paper, window by window, for an image that guides itself."""
    half = side // 2

    def mean(values):
        padded = np.pad(values, half, mode="symmetric")
        windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side))
        return windows.mean(axis=(2, 3))

    average = mean(image)
    slope = (mean(image**2) - average**2) / (mean(image**2) - average**2 + eps)
    return mean(slope) * image + mean(average - slope * average)


def test_equals_the_plain_filter():
    image = np.random.default_rng(0).random((20, 33)).astype(np.float32)
    # 4 % of 33 pixels is a radius of 1.
    np.testing.assert_allclose(guided_smoothing(image), plain(image, 3, 0.01), atol=1e-5)


def test_noise_is_averaged_and_an_edge_stays():
    rng = np.random.default_rng(0)
    image = np.full((100, 200), 0.1, np.float32)
    image[:, 100:] = 0.9
    smooth = guided_smoothing(image + rng.normal(0, 0.03, image.shape).astype(np.float32))
    assert smooth[20:80, 20:80].std() < 0.01
    assert smooth[:, 90:99].mean() == pytest.approx(0.1, abs=0.06)
    assert smooth[:, 101:110].mean() == pytest.approx(0.9, abs=0.06)


def test_coefficients_of_a_smaller_size_serve_the_large_image():
    rows, columns = np.mgrid[0:240, 0:360].astype(np.float32)
    image = 0.5 + 0.3 * np.sin(rows / 40) * np.cos(columns / 60)
    small = guided_smoothing(image, (80, 120))
    assert small.shape == image.shape
    np.testing.assert_allclose(small, guided_smoothing(image), atol=0.05)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2)])
def test_images_of_a_few_pixels(size):
    assert guided_smoothing(np.full(size, 0.25, np.float32), size) == pytest.approx(0.25)
