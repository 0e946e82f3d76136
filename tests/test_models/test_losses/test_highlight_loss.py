import pytest
import torch

from mmlle.models import HighlightLoss
from mmlle.models.losses import highlight_loss


def test_by_hand():
    image = torch.tensor([0.5, 0.5, 0.9, 0.7]).view(1, 1, 2, 2)
    enhanced = torch.tensor([0.95, 0.8, 1.0, 1.1]).view(1, 1, 2, 2)
    assert highlight_loss(enhanced, image).item() == pytest.approx((0.05 + 0.2) / 4)
    assert HighlightLoss(loss_weight=4)(enhanced, image).item() == pytest.approx(0.25)
    assert HighlightLoss(white=1.0, unburnt=0.6)(enhanced, image).item() == 0


def test_only_what_burns_gets_a_gradient():
    image = torch.tensor([0.5, 0.5, 0.9]).view(1, 1, 1, 3)
    enhanced = torch.tensor([0.95, 0.8, 1.0]).view(1, 1, 1, 3).requires_grad_()
    highlight_loss(enhanced, image).backward()
    assert enhanced.grad.flatten().tolist() == pytest.approx([1 / 3, 0, 0])
