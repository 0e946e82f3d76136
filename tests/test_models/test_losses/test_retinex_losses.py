import pytest
import torch

from mmlle.models.losses import retinex_loss
from mmlle.registry import MODELS


def constant(*values, size=(3, 3)):
    return torch.tensor(values)[None, :, None, None].expand(1, -1, *size).clone()


def plain_retinex_loss(illumination, reflectance, denoised, image):
    """The authors' formula in plain loops over one image."""
    _, channels, height, width = image.shape
    product = quotient = level = 0
    for y in range(height):
        for x in range(width):
            light = illumination[0, 0, y, x].item()
            level += (light - max(image[0, c, y, x].item() for c in range(channels))) ** 2
            for c in range(channels):
                r, d = reflectance[0, c, y, x].item(), denoised[0, c, y, x].item()
                product += (light * r - d) ** 2
                quotient += (r - d / light) ** 2
    down = [
        abs(illumination[0, 0, y + 2, x] - illumination[0, 0, y, x]).item()
        for y in range(height - 2)
        for x in range(width)
    ]
    along = [
        abs(illumination[0, 0, y, x + 2] - illumination[0, 0, y, x]).item()
        for y in range(height)
        for x in range(width - 2)
    ]
    pixels = height * width
    return (
        product / (channels * pixels)
        + quotient / (channels * pixels)
        + level / pixels
        + sum(down) / len(down)
        + sum(along) / len(along)
    )


class TestRetinexLoss:
    def test_hand_computed(self):
        # L R - X = 0.2 - 0.1; R - X / L = 0.4 - 0.2; L - max I = 0.5 - 0.3; no variation.
        loss = retinex_loss(
            constant(0.5), constant(0.4, 0.4, 0.4), constant(0.1, 0.1, 0.1), constant(0.1, 0.3, 0.2)
        )
        assert loss.item() == pytest.approx(0.01 + 0.04 + 0.04)

    def test_variation_is_over_two_pixels(self):
        light = torch.tensor([[0.1, 0.9, 0.4, 0.9]])[None, None]
        dark = torch.zeros(1, 3, 1, 4)
        # |0.4 - 0.1| and |0.9 - 0.9|, mean 0.15; L R - X and R - X / L are zero, L - max I is L.
        expected = 0.15 + light.square().mean().item()
        assert retinex_loss(light, dark, dark, dark).item() == pytest.approx(expected)

    def test_weight_of_the_variation(self):
        light = torch.tensor([[0.1, 0.9, 0.4, 0.9]])[None, None]
        dark = torch.zeros(1, 3, 1, 4)
        expected = 3 * 0.15 + light.square().mean().item()
        loss = MODELS.build(dict(type="RetinexLoss", smoothness_weight=3))(light, dark, dark, dark)
        assert loss.item() == pytest.approx(expected)

    def test_black_has_the_ambient_illumination(self):
        # L^2 = (max I)^2 + a^2 and R = X / L fit in every term; at a = 0 they do not.
        image = constant(0.1, 0.3, 0.2)
        terms = constant(0.5), constant(0.2, 0.6, 0.4), image, image
        loss = MODELS.build(dict(type="RetinexLoss", ambient=0.4))
        assert loss(*terms).item() == pytest.approx(0, abs=1e-12)
        assert retinex_loss(*terms).item() == pytest.approx(0.2**2)

    def test_headroom_keeps_bright_reflectances_below_1(self):
        image = constant(0.5, 0.5, 0.5)
        terms = constant(0.6), constant(*[5 / 6] * 3), image, image
        assert MODELS.build(dict(type="RetinexLoss", headroom=0.4))(*terms).item() == pytest.approx(
            0, abs=1e-12
        )
        assert retinex_loss(*terms).item() == pytest.approx(0.1**2)

    def test_the_illumination_of_white_is_1(self):
        white = constant(1.0), constant(1.0, 1.0, 1.0), constant(1.0, 1.0, 1.0), constant(1.0, 1.0, 1.0)
        assert retinex_loss(*white, ambient=0.1, headroom=0.1).item() == 0

    def test_equals_plain_loops(self):
        torch.manual_seed(0)
        light = torch.rand(1, 1, 5, 4) * 0.9 + 0.1
        reflectance, denoised, image = torch.rand(3, 1, 3, 5, 4)
        expected = plain_retinex_loss(light, reflectance, denoised, image)
        assert retinex_loss(light, reflectance, denoised, image).item() == pytest.approx(expected, rel=1e-5)

    def test_an_illumination_of_zero_is_not_divided_by(self):
        light = torch.zeros(1, 1, 4, 4, requires_grad=True)
        reflectance, denoised = torch.rand(2, 1, 3, 4, 4).requires_grad_().unbind()
        loss = retinex_loss(light, reflectance, denoised, torch.rand(1, 3, 4, 4))
        gradients = torch.autograd.grad(loss, [light, reflectance, denoised])
        assert loss.isfinite()
        assert all(gradient.isfinite().all() for gradient in gradients)

    def test_the_least_divisor_is_an_option(self):
        # L R - X = -0.1, L - max I = 0.05 - 0.1; R - X / 0.2 = -0.5 in place of R - X / 0.05 = -2.
        parts = constant(0.05), constant(0.0, 0.0, 0.0), constant(0.1, 0.1, 0.1), constant(0.1, 0.1, 0.1)
        loss = MODELS.build(dict(type="RetinexLoss", min_illumination=0.2))
        assert loss(*parts).item() == pytest.approx(0.01 + 0.25 + 0.0025)
        assert retinex_loss(*parts).item() == pytest.approx(0.01 + 4 + 0.0025)

    def test_the_quotient_gives_gradient_to_reflectance_and_projection_and_not_to_illumination(self):
        # L R = X and L = max I, so that only R - X / L is not at its minimum in L, where it is 0.2 off.
        light = torch.full((1, 1, 3, 3), 0.5, requires_grad=True)
        reflectance = torch.full((1, 3, 3, 3), 0.4, requires_grad=True)
        denoised = torch.full((1, 3, 3, 3), 0.1, requires_grad=True)
        loss = retinex_loss(light, reflectance, denoised, constant(0.5, 0.5, 0.5))
        by_light, by_reflectance, by_denoised = torch.autograd.grad(loss, [light, reflectance, denoised])
        # d/dL of mean (L R - X)^2 alone: 2 * 0.1 * 0.4 a pixel; with a gradient through X / L it would also
        # have 2 * 0.2 * 0.1 / 0.25.
        torch.testing.assert_close(by_light, torch.full_like(by_light, 2 * 0.1 * 0.4 / 9))
        # 2 (L R - X) L + 2 (R - X / L), and -2 (L R - X) - 2 (R - X / L) / L
        torch.testing.assert_close(by_reflectance, torch.full_like(by_reflectance, (0.1 + 0.4) / 27))
        torch.testing.assert_close(by_denoised, torch.full_like(by_denoised, -(0.2 + 0.8) / 27))

    @pytest.mark.parametrize("size", [(1, 1), (2, 5), (7, 2)])
    def test_a_side_of_less_than_three_pixels_has_no_variation(self, size):
        light = torch.full((1, 1, *size), 0.5)
        image = torch.full((1, 3, *size), 0.5)
        assert retinex_loss(light, torch.ones(1, 3, *size), image, image).item() == 0


def test_consistency_hand_computed():
    loss = MODELS.build(dict(type="ReflectanceConsistencyLoss", loss_weight=2))
    found = loss(constant(0.5, 0.5, 0.5), constant(0.4, 0.5, 0.8))
    assert found.item() == pytest.approx(2 * (0.01 + 0 + 0.09) / 3)


def test_projection_hand_computed():
    loss = MODELS.build(dict(type="ProjectionLoss", loss_weight=500))
    found = loss(constant(0.5, 0.5, 0.5), constant(0.5, 0.3, 0.5))
    assert found.item() == pytest.approx(500 * 0.04 / 3)


def test_the_retinex_class_weighs_the_function():
    torch.manual_seed(0)
    images = [torch.rand(2, channels, 6, 5) for channels in (1, 3, 3, 3)]
    loss = MODELS.build(dict(type="RetinexLoss", loss_weight=500))(*images)
    torch.testing.assert_close(loss, 500 * retinex_loss(*images))
