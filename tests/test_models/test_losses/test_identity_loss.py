import pytest
import torch

from mmlle.models import IdentityLoss
from mmlle.models.losses import identity_loss
from mmlle.registry import MODELS
from mmlle.testing import dark_image, tiny_zero_dce


def test_by_hand():
    image = torch.tensor([0.1, 0.25, 0.625, 1.0]).view(1, 1, 2, 2).expand(1, 3, 2, 2)
    enhanced = image + 0.2
    assert identity_loss(enhanced, image).item() == pytest.approx(0.04 * (0.5 + 1) / 4)
    assert IdentityLoss(loss_weight=10)(enhanced, image).item() == pytest.approx(0.15)
    assert IdentityLoss(dark=0)(enhanced, image).item() == pytest.approx(0.04 * 1.975 / 4)
    assert identity_loss(image, image).item() == 0


def test_the_weight_is_of_the_mean_of_the_channels():
    image = torch.tensor([1.0, 0.5, 0.0]).view(1, 3, 1, 1)
    enhanced = torch.tensor([1.0, 0.5, 0.3]).view(1, 3, 1, 1)
    assert identity_loss(enhanced, image, dark=0).item() == pytest.approx(0.5 * 0.09 / 3)


@pytest.mark.parametrize("dark", [-0.1, 1])
def test_a_limit_that_is_none_is_refused(dark):
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        IdentityLoss(dark=dark)


def test_it_is_a_loss_of_the_curve_methods():
    model = MODELS.build(tiny_zero_dce() | dict(identity_loss=dict(type="IdentityLoss", loss_weight=3)))
    image = torch.from_numpy(dark_image(16, 16)).permute(2, 0, 1)[None] / 255
    losses = model(image, mode="loss")
    torch.testing.assert_close(losses["loss_identity"], 3 * identity_loss(model(image), image))
