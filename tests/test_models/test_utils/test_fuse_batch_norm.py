import copy

import pytest
import torch
from torch import nn

from mmlle.models.utils.fuse_batch_norm import fuse_batch_norm


def with_statistics(network):
    """Give the normalisations of a network something to do."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight, module.bias, module.running_mean):
                nn.init.uniform_(tensor, -1, 1)
            nn.init.uniform_(module.running_var, 0.5, 2)
    return network.double()


def count(network):
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


class Residual(nn.Module):
    """Two convolutions with normalisation, the first strided and without bias."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 6, 3, 2, bias=False), nn.BatchNorm2d(6)
        self.conv2, self.bn2 = nn.Conv2d(6, 6, 3, padding=1), nn.BatchNorm2d(6)

    def forward(self, x):
        x = self.bn1(self.conv1(x)).relu()
        return x + self.bn2(self.conv2(x))


class NormFirst(nn.Module):
    """A normalisation that is registered after the convolution before which it is called."""

    def __init__(self):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3)

    def forward(self, x):
        return self.conv(self.bn(x))


def test_values_and_gradients_stay_the_same():
    torch.manual_seed(0)
    network = with_statistics(Residual())
    before = copy.deepcopy(network.state_dict())
    fused = fuse_batch_norm(network)
    assert count(fused) == 0
    assert count(network) == 2
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name])

    results = []
    for each in (network, fused):
        image = torch.linspace(0, 1, 2 * 3 * 9 * 7, dtype=torch.float64).view(2, 3, 9, 7).requires_grad_()
        out = each(image)
        out.square().sum().backward()
        results.append((out.detach(), image.grad))
    for fused_one, plain in zip(*results, strict=True):
        torch.testing.assert_close(fused_one, plain, rtol=1e-10, atol=1e-10)


def test_a_misleading_order_is_left_alone():
    torch.manual_seed(0)
    network = with_statistics(NormFirst())
    assert fuse_batch_norm(network) is network
    assert count(network) == 1
    assert not network.training


@pytest.mark.parametrize("network", [nn.Conv2d(3, 4, 3), nn.ReLU()])
def test_nothing_to_fuse(network):
    assert fuse_batch_norm(network) is network
    assert not network.training


def test_random_state_is_left_as_it_was():
    torch.manual_seed(5)
    expected = torch.rand(1)
    network = Residual()
    torch.manual_seed(5)
    fuse_batch_norm(network)
    assert torch.equal(torch.rand(1), expected)
