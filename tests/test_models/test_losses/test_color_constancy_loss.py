import math

import pytest
import torch

from mmlle.models import ColorConstancyLoss
from mmlle.models.losses import color_constancy_loss


def plain(images, eps):
    losses = []
    for image in images:
        red, green, blue = (sum(channel.flatten().tolist()) / channel.numel() for channel in image)
        quartic = (red - green) ** 4 + (red - blue) ** 4 + (green - blue) ** 4
        losses.append(math.sqrt(quartic + eps**2))
    return sum(losses) / len(losses)


def of_means(*means):
    return torch.tensor(means, dtype=torch.float64).view(1, 3, 1, 1).expand(1, 3, 4, 5)


def test_by_hand():
    # Differences 0.2, 0.5, 0.3; fourth powers 0.0016, 0.0625, 0.0081.
    loss = color_constancy_loss(of_means(0.2, 0.4, 0.7))
    assert loss.item() == pytest.approx(math.sqrt(0.0722))


def test_images_count_one_by_one():
    # Opposite casts would cancel out in a mean over the batch.
    images = torch.cat([of_means(0.4, 0.5, 0.6), of_means(0.6, 0.5, 0.4)])
    assert color_constancy_loss(images).item() == pytest.approx(math.sqrt(0.0018))


@pytest.mark.parametrize("eps", [0, 1e-6, 0.1])
def test_equals_the_plain_reference(eps):
    images = torch.rand(4, 3, 6, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert color_constancy_loss(images, eps).item() == pytest.approx(plain(images, eps), rel=1e-9)


def test_the_papers_form_is_eps_for_a_grey_image():
    assert ColorConstancyLoss(eps=1e-6)(of_means(0.3, 0.3, 0.3)).item() == pytest.approx(1e-6)


@pytest.mark.parametrize("eps", [0, 1e-6])
def test_a_grey_image_has_zero_gradient(eps):
    image = torch.full((2, 3, 4, 4), 0.5, requires_grad=True)
    loss = color_constancy_loss(image, eps)
    loss.backward()
    assert loss.item() == pytest.approx(eps, rel=1e-6, abs=1e-18)
    assert image.grad.abs().max() == 0


def test_gradient_is_that_of_finite_differences():
    images = torch.rand(2, 3, 2, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert torch.autograd.gradcheck(color_constancy_loss, images.requires_grad_())


def test_the_weight_scales():
    image = of_means(0.1, 0.2, 0.4)
    loss = ColorConstancyLoss(loss_weight=5, eps=0.01)(image)
    torch.testing.assert_close(loss, 5 * color_constancy_loss(image, 0.01))
