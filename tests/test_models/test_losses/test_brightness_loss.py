import pytest
import torch

from mmlle.models import BrightnessLoss
from mmlle.models.losses import brightness_loss


def test_by_hand():
    normal = torch.tensor([0.2, 0.6]).view(2, 1, 1, 1).expand(2, 3, 4, 5)
    enhanced = torch.tensor([0.5, 0.7]).view(2, 1, 1, 1).expand(2, 3, 6, 6)
    assert brightness_loss(enhanced, normal).item() == pytest.approx((0.1**2 + 0.3**2) / 2)
    assert BrightnessLoss(loss_weight=4)(enhanced, normal).item() == pytest.approx(0.2)


def test_how_bright_parts_are_is_free():
    normal = torch.full((1, 3, 2, 2), 0.5)
    enhanced = torch.tensor([0.0, 1.0]).view(1, 1, 2, 1).expand(1, 3, 2, 2)
    assert brightness_loss(enhanced, normal).item() == 0
