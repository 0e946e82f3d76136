import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d
from skimage.metrics import peak_signal_noise_ratio

from mmlle.evaluation.functional import luma, psnr, ssim
from mmlle.evaluation.functional.fidelity import MAX_PSNR
from mmlle.testing import dark_image


def noisy(image, amount, seed=0):
    noise = np.random.default_rng(seed).normal(0, amount, image.shape)
    return (image + noise).round().clip(0, 255).astype(np.uint8)


def reference_ssim(image, truth):
    """Wang et al.'s definition, from Gaussian means over the positions where the window fits."""

    def mean(values):
        # A window of 11 at sigma 1.5 reaches 5 pixels to each side.
        for axis in (0, 1):
            values = gaussian_filter1d(values, 1.5, axis=axis, radius=5)
        return values[5:-5, 5:-5]

    values = []
    for channel in range(image.shape[2]):
        x, y = (i[..., channel].astype(np.float64) for i in (image, truth))
        mean_x, mean_y = mean(x), mean(y)
        var_x, var_y = mean(x * x) - mean_x**2, mean(y * y) - mean_y**2
        covariance = mean(x * y) - mean_x * mean_y
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
        structure = (2 * covariance + c2) / (var_x + var_y + c2)
        values.append((luminance * structure).mean())
    return np.mean(values)


class TestLuma:
    def test_primaries_by_hand(self):
        bgr = np.zeros((1, 5, 3), np.uint8)
        bgr[0, 1], bgr[0, 2], bgr[0, 3], bgr[0, 4] = 255, (255, 0, 0), (0, 255, 0), (0, 0, 255)
        # BT.601 in studio range: 219 times 0.114, 0.587 and 0.299, above 16.
        expected = [16, 235, 16 + 24.966, 16 + 128.553, 16 + 65.481]
        assert luma(bgr)[0, :, 0] == pytest.approx(expected)

    def test_shape(self):
        assert luma(dark_image(5, 7)).shape == (5, 7, 1)


class TestPSNR:
    def test_by_hand(self):
        image = np.zeros((2, 2, 3), np.uint8)
        truth = image.copy()
        truth[0, 0, 0] = 60  # mean square error 3600 / 12 = 300
        assert psnr(image, truth) == pytest.approx(10 * math.log10(65025 / 300))
        assert psnr(image, np.full_like(image, 255)) == 0

    @pytest.mark.parametrize("amount", [1, 10, 80])
    def test_equals_scikit_images(self, amount):
        truth = dark_image(37, 53)
        image = noisy(truth, amount)
        assert psnr(image, truth) == pytest.approx(peak_signal_noise_ratio(truth, image))
        assert psnr(image, truth) == psnr(truth, image)

    def test_differences_do_not_wrap_around(self):
        low, high = np.full((1, 1, 3), 1, np.uint8), np.full((1, 1, 3), 3, np.uint8)
        assert psnr(low, high) == psnr(high, low) == pytest.approx(10 * math.log10(65025 / 4))

    def test_equal_images_have_a_finite_figure_above_every_other(self):
        truth = dark_image(1000, 1000)
        assert psnr(truth, truth) == MAX_PSNR
        image = truth.copy()
        image[0, 0, 0] += 1
        assert 100 < psnr(image, truth) < MAX_PSNR


class TestSSIM:
    @pytest.mark.parametrize("amount", [1, 10, 80])
    @pytest.mark.parametrize("size", [(11, 11), (12, 31), (37, 53)])
    def test_equals_an_independent_one(self, size, amount):
        truth = dark_image(*size, seed=3)
        image = noisy(truth, amount)
        assert ssim(image, truth) == pytest.approx(reference_ssim(image, truth), abs=1e-9)

    def test_equal_images(self):
        truth = dark_image(16, 20)
        assert ssim(truth, truth) == 1
        assert isinstance(ssim(truth, truth), float)

    def test_uniform_images_by_hand(self):
        image, truth = np.full((11, 11, 3), 100, np.uint8), np.full((11, 11, 3), 200, np.uint8)
        # No structure: only the luminance term is left.
        c1 = 2.55**2
        assert ssim(image, truth) == pytest.approx((2 * 100 * 200 + c1) / (100**2 + 200**2 + c1))

    @pytest.mark.parametrize("size", [(10, 40), (40, 10), (1, 1)])
    def test_images_below_the_window_are_refused(self, size):
        image = np.zeros((*size, 3), np.uint8)
        with pytest.raises(
            ValueError, match=f"11x11 px, and the image is {size[0]}x{size[1]}.*Leave SSIM out"
        ):
            ssim(image, image)
