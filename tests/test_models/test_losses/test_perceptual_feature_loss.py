import pytest
import torch

from mmlle.models import PerceptualFeatureLoss
from mmlle.models.losses import perceptual_feature_loss


@pytest.fixture
def maps():
    torch.manual_seed(0)
    return torch.rand(2, 3, 4, 5, dtype=torch.float64), torch.rand(2, 3, 4, 5, dtype=torch.float64)


def test_by_hand():
    maps = torch.tensor([1.0, 3.0]).view(1, 1, 1, 2)  # divided by their mean: 0.5, 1.5
    target = torch.tensor([6.0, 2.0]).view(1, 1, 1, 2)  # 1.5, 0.5
    assert perceptual_feature_loss(maps, target).item() == pytest.approx(1)


def test_each_image_is_normalised_by_itself(maps):
    one, other = maps
    apart = [perceptual_feature_loss(a[None], b[None]).item() for a, b in zip(one, other, strict=True)]
    assert perceptual_feature_loss(one, other).item() == pytest.approx(sum(apart) / 2)


def test_neither_scale_nor_equal_maps_count(maps):
    one, other = maps
    assert perceptual_feature_loss(one, one).item() == 0
    expected = perceptual_feature_loss(one, other)
    torch.testing.assert_close(perceptual_feature_loss(10 * one, 0.1 * other), expected)


def test_maps_of_zeros_have_a_finite_gradient(maps):
    zeros = torch.zeros_like(maps[0]).requires_grad_()
    perceptual_feature_loss(zeros, maps[0]).backward()
    assert zeros.grad.isfinite().all()


def test_half_precision_is_compared_in_single(maps):
    one, other = (x.bfloat16() for x in maps)
    loss = perceptual_feature_loss(one, other)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, perceptual_feature_loss(one.float(), other.float()))


def test_layers_are_weighted_and_added(maps):
    one, other = maps
    features, target = dict(a=one, b=one + 1, c=one), dict(a=other, b=other, c=other)
    loss = PerceptualFeatureLoss(dict(a=0.2, b=3), loss_weight=5)(features, target)
    expected = 0.2 * perceptual_feature_loss(one, other) + 3 * perceptual_feature_loss(one + 1, other)
    torch.testing.assert_close(loss, 5 * expected)
