import pytest
import torch
from torch.nn import functional as F

from mmlle.models import EnhanceNetDiscriminator


def test_it_is_the_papers_network():
    torch.manual_seed(0)
    network = EnhanceNetDiscriminator(image_size=64, width=2, hidden=7)
    weights = list(network.state_dict().values())
    image = torch.rand(3, 3, 64, 64)
    x = image
    for layer in range(10):
        x = F.conv2d(x, *weights[2 * layer : 2 * layer + 2], stride=1 + layer % 2, padding=1)
        x = F.leaky_relu(x, 0.2)
    assert x.shape == (3, 32, 2, 2)
    x = F.leaky_relu(F.linear(x.flatten(1), *weights[20:22]), 0.2)
    torch.testing.assert_close(network(image), F.linear(x, *weights[22:]))


def test_channels_of_the_layers():
    shapes = [tuple(w.shape[:2]) for w in EnhanceNetDiscriminator().state_dict().values() if w.ndim == 4]
    widths = [3, 32, 32, 64, 64, 128, 128, 256, 256, 512, 512]
    assert shapes == list(zip(widths[1:], widths[:-1], strict=True))
    shapes = [tuple(w.shape) for w in EnhanceNetDiscriminator().state_dict().values() if w.ndim == 2]
    assert shapes == [(1024, 512 * 4 * 4), (1, 1024)]


@pytest.mark.parametrize("size", [0, 16, 100])
def test_sizes_that_cannot_be_are_refused(size):
    with pytest.raises(ValueError, match=f"multiple of 32, got {size}"):
        EnhanceNetDiscriminator(image_size=size)


def test_images_of_another_size_are_refused():
    network = EnhanceNetDiscriminator(image_size=32, width=1, hidden=2)
    with pytest.raises(ValueError, match="32x32.*64x32.*image_size"):
        network(torch.rand(1, 3, 64, 32))
