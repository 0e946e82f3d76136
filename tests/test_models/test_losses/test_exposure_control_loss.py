import pytest
import torch

from mmlle.models import ExposureControlLoss
from mmlle.models.losses import exposure_control_loss
from mmlle.registry import MODELS


def plain(images, target, size, power):
    terms = []
    for image in images:
        _, height, width = image.shape
        for top in range(0, height - size + 1, size):
            for left in range(0, width - size + 1, size):
                values = image[:, top : top + size, left : left + size].flatten().tolist()
                terms.append(abs(sum(values) / len(values) - target) ** power)
    return sum(terms) / len(terms)


def batch(size=(2, 3, 13, 10)):
    return torch.rand(size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_by_hand_in_the_papers_and_the_codes_form():
    image = torch.zeros(1, 3, 16, 32)
    image[..., 16:] = 1
    # Regions of 0 and 1, the target is 0.6.
    assert exposure_control_loss(image).item() == pytest.approx((0.36 + 0.16) / 2)
    assert exposure_control_loss(image, norm="l1").item() == pytest.approx((0.6 + 0.4) / 2)


@pytest.mark.parametrize(("norm", "power"), [("l1", 1), ("l2", 2)])
@pytest.mark.parametrize(("target", "size"), [(0.6, 4), (0.45, 5)])
def test_equals_the_plain_reference(norm, power, target, size):
    loss = exposure_control_loss(batch(), target, size, norm)
    assert loss.item() == pytest.approx(plain(batch(), target, size, power), rel=1e-12)


def test_a_region_counts_and_not_its_pixels():
    checkered = torch.tensor([[0.2, 1.0], [1.0, 0.2]]).expand(1, 3, 2, 2)
    assert exposure_control_loss(checkered, 0.6, 2).item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_gradient_is_that_of_finite_differences(norm):
    image = batch((1, 3, 4, 4)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: exposure_control_loss(x, 0.9, 2, norm), image)


def test_the_weight_scales_and_every_setting_reaches_the_function():
    loss = ExposureControlLoss(loss_weight=10, target=0.3, region_size=3, norm="l1")(batch())
    torch.testing.assert_close(loss, 10 * exposure_control_loss(batch(), 0.3, 3, "l1"))


def test_a_misspelt_norm_is_refused():
    with pytest.raises(ValueError, match="norm.*'l1', 'l2'.*'L2'"):
        MODELS.build(dict(type="ExposureControlLoss", norm="L2"))


def test_too_small_an_image_is_refused():
    with pytest.raises(ValueError, match="16x16.*40x15"):
        ExposureControlLoss()(torch.rand(1, 3, 40, 15))
