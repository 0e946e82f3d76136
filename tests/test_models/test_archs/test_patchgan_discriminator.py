import pytest
import torch
from torch import nn
from torch.nn import functional as F

from mmlle.models import PatchGANDiscriminator
from mmlle.registry import MODELS


def convolutions(network):
    return [module for module in network.modules() if isinstance(module, nn.Conv2d)]


@pytest.mark.parametrize(("num_layers", "parameters"), [(5, 11_154_369), (4, 6_959_553)])
def test_number_of_parameters(num_layers, parameters):
    network = PatchGANDiscriminator(num_layers)
    assert sum(p.numel() for p in network.parameters()) == parameters


def test_the_layers_are_the_originals():
    layers = convolutions(PatchGANDiscriminator(5))
    assert [layer.out_channels for layer in layers] == [64, 128, 256, 512, 512, 512, 1]
    assert [layer.stride[0] for layer in layers] == [2, 2, 2, 2, 2, 1, 1]
    assert {(layer.kernel_size, layer.padding) for layer in layers} == {((4, 4), (2, 2))}


def test_by_hand():
    torch.manual_seed(0)
    network = PatchGANDiscriminator(num_layers=1, width=3)
    first, second, last = convolutions(network)
    image = torch.rand(2, 3, 9, 14)
    x = F.leaky_relu(F.conv2d(2 * image - 1, first.weight, first.bias, stride=2, padding=2), 0.2)
    x = F.leaky_relu(F.conv2d(x, second.weight, second.bias, padding=2), 0.2)
    torch.testing.assert_close(network(image), F.conv2d(x, last.weight, last.bias, padding=2))


@pytest.mark.parametrize(("size", "scores"), [((1, 1), (3, 3)), ((32, 32), (7, 7)), ((33, 70), (7, 12))])
def test_any_size(size, scores):
    # h becomes h // 2 + 1 three times, and gains one with each of the two convolutions of stride 1.
    assert PatchGANDiscriminator(3, width=2)(torch.rand(2, 3, *size)).shape == (2, 1, *scores)


def test_spectral_normalisation_bounds_every_weight():
    torch.manual_seed(0)
    network = MODELS.build(dict(type="PatchGANDiscriminator", num_layers=2, width=8, spectral_norm=True))
    with torch.no_grad():
        for layer in convolutions(network):
            layer.parametrizations.weight.original.mul_(7)
    image = torch.rand(1, 3, 16, 16)
    for _ in range(30):  # each training pass comes nearer to the largest singular value
        network(image)
    for layer in convolutions(network):
        assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item() == pytest.approx(1, abs=0.01)


def test_it_is_not_there_unless_asked_for():
    assert not any("parametrizations" in name for name in PatchGANDiscriminator(2, width=2).state_dict())
