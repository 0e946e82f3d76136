from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from mmlle.models.archs import CurveEstimator, JoinedConv2d

CONV = partial(JoinedConv2d, kernel_size=3, padding=1)


def plain(weights, image):
    """The network of the paper written out, from bare tensors."""

    def conv(number, *inputs):
        name = f"conv{number}"
        return F.conv2d(torch.cat(inputs, 1), weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1)

    x1 = conv(1, image).relu()
    x2 = conv(2, x1).relu()
    x3 = conv(3, x2).relu()
    x4 = conv(4, x3).relu()
    x5 = conv(5, x3, x4).relu()
    x6 = conv(6, x2, x5).relu()
    return conv(7, x1, x6).tanh()


def test_it_is_the_papers_network():
    torch.manual_seed(0)
    network = CurveEstimator(CONV, out_channels=5, width=4).double()
    image = torch.rand(2, 3, 9, 6, dtype=torch.float64)
    maps = network(image)
    assert maps.shape == (2, 5, 9, 6)
    torch.testing.assert_close(maps, plain(network.state_dict(), image))


def test_channels_of_the_layers():
    network = CurveEstimator(CONV, out_channels=24)
    shapes = {name: tuple(w.shape[:2]) for name, w in network.named_parameters() if name.endswith("weight")}
    assert shapes == {
        "conv1.weight": (32, 3),
        "conv2.weight": (32, 32),
        "conv3.weight": (32, 32),
        "conv4.weight": (32, 32),
        "conv5.weight": (32, 64),
        "conv6.weight": (32, 64),
        "conv7.weight": (24, 64),
    }


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (1, 300)])
def test_any_size(size):
    assert CurveEstimator(CONV, 3, width=2)(torch.rand(1, 3, *size)).shape == (1, 3, *size)


def test_maps_lie_between_minus_1_and_1():
    network = CurveEstimator(CONV, 3, width=4)
    nn.init.constant_(network.conv7.bias, 100)
    assert network(torch.rand(1, 3, 4, 4)).eq(1).all()


def test_initialisation_by_config():
    torch.manual_seed(0)
    network = CurveEstimator(CONV, 3, width=16, init_cfg=dict(type="Normal", layer="Conv2d", std=0.02))
    network.init_weights()
    weights = torch.cat([w.flatten() for name, w in network.named_parameters() if name.endswith("weight")])
    assert weights.std().item() == pytest.approx(0.02, rel=0.03)
    assert all(b.eq(0).all() for name, b in network.named_parameters() if name.endswith("bias"))
