import copy

import torch
from torch import nn

from mmlle.models.archs import FrozenNetwork


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5))


def test_it_gives_what_the_network_gives_in_eval_mode():
    inner = network()
    image = torch.rand(2, 3, 5, 6)
    expected = copy.deepcopy(inner).eval()(image)
    frozen = nn.Sequential(FrozenNetwork(inner)).train()
    torch.testing.assert_close(frozen(image), expected)
    torch.testing.assert_close(frozen(image), expected)  # the statistics did not move either
    assert frozen.training
    assert not inner.training


def test_nothing_of_it_is_saved_or_optimised():
    owner = nn.Sequential(FrozenNetwork(network()), nn.Linear(1, 1))
    assert list(owner.state_dict()) == ["1.weight", "1.bias"]
    assert len(list(owner.parameters())) == 2
    assert not list(owner[0].buffers())


def test_gradient_passes_to_the_input_and_to_no_weight():
    inner = network()
    image = torch.rand(1, 3, 5, 6, requires_grad=True)
    FrozenNetwork(inner)(image).square().sum().backward()
    assert image.grad.abs().min() > 0
    assert all(p.grad is None and not p.requires_grad for p in inner.parameters())


def test_it_follows_moves_and_casts_of_what_holds_it():
    inner = network()
    owner = nn.Sequential(FrozenNetwork(inner))
    owner.double()
    assert inner[0].weight.dtype == torch.float64
    assert inner[1].running_mean.dtype == torch.float64
    owner.to("meta")
    assert inner[0].weight.device.type == inner[1].running_var.device.type == "meta"


def test_a_network_can_be_given_later():
    frozen = nn.Sequential(FrozenNetwork()).double()
    assert frozen[0].network is None
    inner = network()
    frozen[0].hold(inner)
    assert not inner.training
    assert not any(p.requires_grad for p in inner.parameters())
    assert not list(frozen.parameters())
    frozen.double()
    assert frozen(torch.rand(1, 3, 4, 4, dtype=torch.float64)).dtype == torch.float64


def test_a_copy_has_a_network_of_its_own():
    frozen = FrozenNetwork(network())
    other = copy.deepcopy(frozen).double()
    assert frozen.network[0].weight.dtype == torch.float32
    assert other.network[0].weight.dtype == torch.float64


def test_several_inputs():
    class Difference(nn.Module):
        def forward(self, one, other):
            return one - other

    one, other = torch.rand(2, 1, 3, 4, 4)
    assert torch.equal(FrozenNetwork(Difference())(one, other), one - other)
