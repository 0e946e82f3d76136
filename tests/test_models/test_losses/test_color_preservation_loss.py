import math

import pytest
import torch

from mmlle.models.losses import color_preservation_loss
from mmlle.registry import MODELS
from mmlle.utils.errors import ImageSizeError


def plain(*colours, size=8):
    """An image with one square region of each colour beside the other."""
    regions = [torch.tensor(colour).view(1, 3, 1, 1).expand(1, 3, size, size) for colour in colours]
    return torch.cat(regions, dim=-1).clone()


def test_by_hand():
    image = plain((0.3, 0.0, 0.0), (0.1, 0.1, 0.1))
    enhanced = plain((0.4, 0.4, 0.0), (0.9, 0.9, 0.9))
    # 45 degrees in the first region, none in the second.
    loss = color_preservation_loss(enhanced, image, black=0)
    assert loss.item() == pytest.approx((1 - math.sqrt(0.5)) / 2)


def test_brightening_all_channels_alike_costs_nothing():
    image = torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(0)) / 4
    assert color_preservation_loss(3 * image, image, black=0).item() == pytest.approx(0, abs=1e-6)
    assert color_preservation_loss(3 * image.roll(1, dims=1), image, black=0).item() > 0.001


def test_noise_within_a_region_does_not_count():
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(1, 3, 8, 8, generator=generator)
    noise -= noise.mean(dim=(2, 3), keepdim=True)
    image = plain((0.2, 0.3, 0.4))
    assert color_preservation_loss(2 * image, image + noise / 5, black=0).item() == pytest.approx(0, abs=1e-6)


def test_what_is_black_is_to_become_grey():
    black = torch.zeros(1, 3, 8, 8)
    grey = color_preservation_loss(plain((0.5, 0.5, 0.5)), black).item()
    assert grey == pytest.approx(0, abs=1e-6)
    assert color_preservation_loss(plain((0.1, 0.1, 0.5)), black).item() > 0.1


def test_a_black_image_has_a_finite_gradient():
    enhanced = torch.zeros(1, 3, 8, 8, requires_grad=True)
    color_preservation_loss(enhanced, torch.zeros(1, 3, 8, 8)).backward()
    assert enhanced.grad.isfinite().all()


def test_the_module_has_its_options_and_a_weight():
    image, enhanced = torch.rand(2, 1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    loss = MODELS.build(dict(type="ColorPreservationLoss", loss_weight=5, region_size=4, black=0.1))
    expected = 5 * color_preservation_loss(enhanced, image, region_size=4, black=0.1)
    torch.testing.assert_close(loss(enhanced, image), expected)
    assert not torch.isclose(loss(enhanced, image), 5 * color_preservation_loss(enhanced, image))


def test_images_below_a_region_are_refused():
    with pytest.raises(ImageSizeError, match="regions of 8x8 px, but the image is 7x9"):
        color_preservation_loss(torch.rand(1, 3, 7, 9), torch.rand(1, 3, 7, 9))


def test_gradient_is_that_of_finite_differences():
    image, enhanced = torch.rand(
        2, 1, 3, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1)
    )
    assert torch.autograd.gradcheck(
        lambda x: color_preservation_loss(x, image, region_size=2), enhanced.requires_grad_()
    )
