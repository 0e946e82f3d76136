import copy

import pytest
import torch
from mmengine.model import BaseModule
from mmengine.registry import DefaultScope
from torch import nn

from mmlle.models import EnlightenGANGenerator, ZeroDCENet


class Net(BaseModule):
    def __init__(self, init_cfg):
        super().__init__(init_cfg)
        self.conv = nn.Conv2d(8, 64, 3)
        self.transposed = nn.ConvTranspose2d(8, 8, 3)
        self.linear = nn.Linear(64, 64)


def initialised(layer, **settings):
    """The network before and after its initialisation."""
    torch.manual_seed(0)
    network = Net(dict(type="NormalWeights", layer=layer, **settings))
    before = copy.deepcopy(network.state_dict())
    with DefaultScope.overwrite_default_scope("mmlle"):
        network.init_weights()
    return before, network.state_dict()


def test_weights_are_drawn_and_biases_stay():
    before, after = initialised("Conv2d", mean=1, std=0.02)
    assert after["conv.weight"].mean().item() == pytest.approx(1, abs=1e-3)
    assert after["conv.weight"].std().item() == pytest.approx(0.02, rel=0.05)
    assert [name for name in after if not torch.equal(after[name], before[name])] == ["conv.weight"]


def test_several_classes_of_layers_and_their_base_classes():
    before, after = initialised(["_ConvNd", "Linear"], std=0.1)
    changed = [name for name in after if not torch.equal(after[name], before[name])]
    assert changed == ["conv.weight", "transposed.weight", "linear.weight"]


@pytest.mark.parametrize("network", [ZeroDCENet, EnlightenGANGenerator])
def test_the_first_biases_of_the_methods_are_not_zero(network):
    torch.manual_seed(0)
    made = network(init_cfg=dict(type="mmlle.NormalWeights", layer="Conv2d", std=0.02))
    made.init_weights()
    for name, layer in made.named_modules():
        if isinstance(layer, nn.Conv2d):
            assert layer.bias.abs().max() > 1e-4, name
            assert layer.weight.std().item() == pytest.approx(0.02, rel=0.3), name
