import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d
from skimage.metrics import peak_signal_noise_ratio

from mmlle.evaluation.functional import MAX_PSNR, delta_e, gradient_correlation, match_mean, psnr, ssim
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
        with pytest.raises(ValueError, match=f"11x11.*{size[0]}x{size[1]}"):
            ssim(image, image)


class TestDeltaE:
    @pytest.mark.parametrize(
        ("lab", "other", "expected"),
        # Pairs 1, 7, 13 and 17 of Sharma et al.'s test data, Color Research & Application 2005, Table 1.
        [
            ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
            ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
            ((50.0, -0.001, 2.49), (50.0, 0.0009, -2.49), 4.8045),
            ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ],
    )
    def test_the_published_values(self, monkeypatch, lab, other, expected):
        colours = iter([np.array(lab).reshape(1, 1, 3), np.array(other).reshape(1, 1, 3)])
        monkeypatch.setattr("mmlle.evaluation.functional.fidelity.rgb2lab", lambda picture: next(colours))
        image = np.zeros((1, 1, 3), np.uint8)
        assert delta_e(image, image) == pytest.approx(expected, abs=1e-4)

    def test_white_and_black_by_hand(self):
        black, white = np.zeros((3, 4, 3), np.uint8), np.full((3, 4, 3), 255, np.uint8)
        assert delta_e(black, black) == 0
        assert delta_e(black, white) == pytest.approx(100, abs=0.01)

    def test_the_mean_over_the_pixels(self):
        image, truth = np.zeros((1, 4, 3), np.uint8), np.zeros((1, 4, 3), np.uint8)
        image[0, 0] = 255
        assert delta_e(image, truth) == pytest.approx(25, abs=0.01)

    def test_images_are_bgr(self):
        # Pure blue and pure red of sRGB; CIEDE2000 of the two is about 52.9 in whichever order, of blue and
        # a darker blue about 18.
        blue, dark_blue = np.zeros((2, 1, 1, 3), np.uint8)
        blue[..., 0], dark_blue[..., 0] = 255, 180
        red, dark_red = blue[..., ::-1].copy(), dark_blue[..., ::-1].copy()
        assert delta_e(blue, red) == pytest.approx(52.88, abs=0.01)
        assert delta_e(blue, dark_blue) != pytest.approx(delta_e(red, dark_red), abs=1)


class TestGradientCorrelation:
    def test_equal_images(self):
        truth = dark_image(30, 40)
        assert gradient_correlation(truth, truth) == pytest.approx(1)

    def test_brightness_and_contrast_make_no_difference(self):
        truth = np.random.default_rng(0).integers(0, 60, (20, 30, 1), dtype=np.uint8).repeat(3, axis=2)
        assert gradient_correlation(4 * truth + 15, truth) == pytest.approx(1)
        assert gradient_correlation(255 - truth, truth) == pytest.approx(1)

    def test_blur_and_noise_lower_it(self):
        truth = dark_image(60, 80, seed=1) * 3
        blurred = np.stack([gaussian_filter1d(truth[..., c].astype(float), 2, axis=0) for c in range(3)], -1)
        assert 0 < gradient_correlation(blurred.round().astype(np.uint8), truth) < 0.9
        levels = [gradient_correlation(noisy(truth, amount), truth) for amount in (2, 8, 30)]
        assert levels[0] > levels[1] > levels[2]

    def test_by_hand(self):
        # Two vertical steps, at columns 2 and 5; Sobel answers on both sides of each, with 4 times the step.
        truth, image = np.zeros((2, 5, 8, 3), np.uint8)
        truth[:, 2:], truth[:, 5:] = 10, 40
        image[:, 2:], image[:, 5:] = 30, 40
        found = gradient_correlation(image, truth)
        expected = np.corrcoef([0, 30, 30, 0, 10, 10, 0, 0], [0, 10, 10, 0, 30, 30, 0, 0])[0, 1]
        assert found == pytest.approx(expected)

    def test_a_plain_image_has_none(self):
        plain = np.full((9, 9, 3), 7, np.uint8)
        assert gradient_correlation(plain, dark_image(9, 9)) == 0
        assert gradient_correlation(dark_image(9, 9), plain) == 0


class TestMatchMean:
    def test_the_mean_luma_becomes_that_of_the_ground_truth(self):
        image, truth = dark_image(9, 12), dark_image(9, 12, seed=1) * 2
        scaled = match_mean(image, truth)
        weights = (0.114, 0.587, 0.299)
        assert scaled.mean(axis=(0, 1)) @ weights == pytest.approx(truth.mean(axis=(0, 1)) @ weights)
        assert scaled == pytest.approx(image * (scaled[0, 0, 0] / image[0, 0, 0]))

    def test_what_would_be_above_white_is_clipped(self):
        image, truth = np.zeros((1, 2, 3), np.uint8), np.full((1, 2, 3), 200, np.uint8)
        image[0, 0] = 100
        assert match_mean(image, truth)[0, :, 0].tolist() == [255, 0]

    def test_a_black_image_stays_black(self):
        black = np.zeros((2, 2, 3), np.uint8)
        assert not match_mean(black, black + 9).any()
