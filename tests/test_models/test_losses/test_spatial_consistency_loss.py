import pytest
import torch
from torch.nn import functional as F

from mmlle.models import SpatialConsistencyLoss
from mmlle.models.losses import spatial_consistency_loss

DIRECT = [(-1, 0), (1, 0), (0, -1), (0, 1)]
DIAGONAL = [(-1, -1), (-1, 1), (1, -1), (1, 1)]


def by_convolution(enhanced, image, size, diagonal_weight):
    """The original's way: difference kernels over zero-padded maps of the pooled grey values."""
    pooled = [F.avg_pool2d(x.mean(1, keepdim=True), size) for x in (enhanced, image)]
    total = 0
    for weight, neighbours in ((1, DIRECT), (diagonal_weight, DIAGONAL)):
        for dy, dx in neighbours:
            kernel = torch.zeros(1, 1, 3, 3, dtype=enhanced.dtype)
            kernel[0, 0, 1, 1] = 1
            kernel[0, 0, 1 + dy, 1 + dx] = -1
            of_enhanced, of_image = (F.conv2d(x, kernel, padding=1) for x in pooled)
            total = total + weight * (of_enhanced - of_image) ** 2
    return total.mean()


def batch(seed=0, size=(2, 3, 13, 18)):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(size, generator=generator, dtype=torch.float64) for _ in range(2)]


@pytest.mark.parametrize(
    ("diagonal_weight", "by_hand"),
    [
        # One region brightened by 1, in the corner of 2x2. It differs by 1 from all 4 direct neighbours (2 of
        # them beyond the border); each of its 2 direct neighbours sees it once: (4 + 1 + 1) / 4 positions.
        (0, 6 / 4),
        # And from all 4 diagonal ones; the opposite corner sees it: (4 + 1) / 4, half of that.
        (0.5, 6 / 4 + 0.5 * 5 / 4),
    ],
)
def test_by_hand(diagonal_weight, by_hand):
    image = torch.zeros(1, 3, 8, 8)
    enhanced = image.clone()
    enhanced[..., :4, :4] = 1
    assert spatial_consistency_loss(enhanced, image, 4, diagonal_weight).item() == pytest.approx(by_hand)


def test_brightening_alike_costs_at_the_border_only():
    image = batch()[0][:1, :, :12, :12]
    loss = spatial_consistency_loss(image + 0.5, image, 4, diagonal_weight=0)
    # 3x3 regions have 12 outer edges, across each of which the zero beyond differs by 0.5.
    assert loss.item() == pytest.approx(12 * 0.25 / 9)


@pytest.mark.parametrize("diagonal_weight", [0, 0.5, 1])
@pytest.mark.parametrize("region_size", [1, 4, 6])
def test_equals_the_original_formulation(region_size, diagonal_weight):
    enhanced, image = batch()
    expected = by_convolution(enhanced, image, region_size, diagonal_weight)
    loss = spatial_consistency_loss(enhanced, image, region_size, diagonal_weight)
    assert loss.shape == ()
    torch.testing.assert_close(loss, expected)


def test_the_default_is_sgz():
    enhanced, image = batch(1)
    torch.testing.assert_close(
        SpatialConsistencyLoss()(enhanced, image), by_convolution(enhanced, image, 4, 0.5)
    )


def test_gradient_is_that_of_finite_differences():
    enhanced, image = batch(2, (1, 3, 4, 6))
    assert torch.autograd.gradcheck(
        lambda x: spatial_consistency_loss(x, image, 2), enhanced.requires_grad_()
    )


def test_the_weight_scales():
    enhanced, image = batch(3)
    settings = dict(region_size=2, diagonal_weight=0.25)
    loss = SpatialConsistencyLoss(loss_weight=3, **settings)(enhanced, image)
    torch.testing.assert_close(loss, 3 * spatial_consistency_loss(enhanced, image, 2, 0.25))


def test_too_small_an_image_is_refused():
    with pytest.raises(ValueError, match="regions of 4x4 px, but the image is 3x9"):
        SpatialConsistencyLoss()(torch.rand(1, 3, 3, 9), torch.rand(1, 3, 3, 9))
