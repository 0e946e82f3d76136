import pytest
import torch

from mmlle.models import IlluminationSmoothnessLoss
from mmlle.models.losses import illumination_smoothness_loss


def plain(maps, inter_channel=False):
    """Loops over everything; the counts are of one channel, as in the original code."""
    batch, channels, height, width = maps.shape
    vertical = horizontal = between = 0.0
    for n in range(batch):
        for c in range(channels):
            for y in range(height):
                for x in range(width):
                    here = maps[n, c, y, x].item()
                    if y + 1 < height:
                        vertical += (maps[n, c, y + 1, x].item() - here) ** 2
                    if x + 1 < width:
                        horizontal += (maps[n, c, y, x + 1].item() - here) ** 2
                    # Channels of one set of three, each pair once.
                    for other in range(c + 1, 3 * (c // 3) + 3) if inter_channel else ():
                        between += (maps[n, other, y, x].item() - here) ** 2
    total = vertical / ((height - 1) * width) + horizontal / (height * (width - 1))
    return 2 * (total + between / (height * width)) / batch


def maps(size=(2, 6, 4, 5)):
    return 2 * torch.rand(size, generator=torch.Generator().manual_seed(0), dtype=torch.float64) - 1


def test_by_hand():
    # Down: 4 + 4 over 2 positions; across: 1 + 1 over 2; twice the sum, one image.
    map_ = torch.tensor([[0.0, 1.0], [2.0, 3.0]]).view(1, 1, 2, 2)
    assert illumination_smoothness_loss(map_).item() == 2 * (8 / 2 + 2 / 2)
    # Three channels alike: the sum over channels is not averaged.
    assert illumination_smoothness_loss(map_.expand(1, 3, 2, 2)).item() == 3 * 10
    # Two images alike: the mean over the batch.
    assert illumination_smoothness_loss(map_.expand(2, 1, 2, 2)).item() == 10


def test_between_channels_by_hand():
    flat = torch.tensor([0.0, 1.0, 3.0]).view(1, 3, 1, 1).expand(1, 3, 4, 5)
    assert illumination_smoothness_loss(flat).item() == 0
    assert illumination_smoothness_loss(flat, inter_channel=True).item() == 2 * (1 + 9 + 4)


@pytest.mark.parametrize("inter_channel", [False, True])
def test_equals_the_plain_reference(inter_channel):
    loss = illumination_smoothness_loss(maps(), inter_channel)
    assert loss.item() == pytest.approx(plain(maps(), inter_channel), rel=1e-12)


@pytest.mark.parametrize("size", [(1, 3, 1, 5), (1, 3, 5, 1)])
def test_a_side_of_one_pixel_has_no_variation(size):
    ramp = torch.arange(5.0).expand(3, 5).reshape(size)
    assert illumination_smoothness_loss(ramp).item() == 2 * 3 * 4 / 4


def test_one_pixel_costs_nothing():
    assert illumination_smoothness_loss(torch.rand(1, 3, 1, 1)).item() == 0


def test_the_codes_form_is_the_default():
    torch.testing.assert_close(
        IlluminationSmoothnessLoss()(maps()), illumination_smoothness_loss(maps(), False)
    )


@pytest.mark.parametrize("inter_channel", [False, True])
def test_gradient_is_that_of_finite_differences(inter_channel):
    inputs = maps((1, 3, 3, 2)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: illumination_smoothness_loss(x, inter_channel), inputs)


def test_the_weight_scales():
    loss = IlluminationSmoothnessLoss(loss_weight=1600, inter_channel=True)(maps())
    torch.testing.assert_close(loss, 1600 * illumination_smoothness_loss(maps(), True))
