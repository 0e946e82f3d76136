import math

import pytest
import torch

from mmlle.models import GlobalCurveNet


def test_the_number_of_parameters():
    assert sum(parameter.numel() for parameter in GlobalCurveNet().parameters()) == 60_577


@pytest.mark.parametrize("size", [(1, 1), (7, 500), (300, 200)])
@torch.no_grad()
def test_one_parameter_for_photographs_of_any_size(size):
    estimate = GlobalCurveNet(width=4)(torch.rand(2, 3, *size))
    assert estimate.shape == (2, 1, 1, 1)
    assert ((estimate > 0) & (estimate < 1)).all()


@torch.no_grad()
def test_all_of_the_photograph_counts():
    net = GlobalCurveNet(width=4)
    assert math.isinf(net.receptive_radius)
    image = torch.full((1, 3, 512, 512), 0.3)
    for place in ((slice(0, 64), slice(0, 64)), (slice(-64, None), slice(-64, None))):
        changed = image.clone()
        changed[(..., *place)] = 0.9
        assert not torch.equal(net(changed), net(image))


@torch.no_grad()
def test_a_photograph_and_its_reduction_are_brightened_alike():
    net = GlobalCurveNet(width=4)
    image = torch.rand(1, 3, 32, 48).repeat_interleave(20, 2).repeat_interleave(20, 3)
    reduced = torch.nn.functional.avg_pool2d(image, 4)
    torch.testing.assert_close(net(image), net(reduced), atol=2e-3, rtol=0)
