import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from mmlle.models import EnlightenGANGenerator
from mmlle.models.utils.official_weights import official_weights
from mmlle.registry import MODELS

from ...receptive_field import measured_radius


@pytest.fixture
def network():
    torch.manual_seed(0)
    return EnlightenGANGenerator(width=4).eval()


def made_up_weights(keys):
    """The weights that the reference was computed with, under the original's names."""
    weights = {}
    for line in keys.read_text().splitlines():
        key, shape = re.fullmatch(r"(\S+) \((.*)\)", line).groups()
        shape = [int(side) for side in re.findall(r"\d+", shape)]
        if not shape:  # the number of batches seen
            weights[key] = torch.tensor(0)
            continue
        w = np.sin(0.7 * np.arange(np.prod(shape)) + sum(map(ord, key))).reshape(shape)
        if key.endswith("running_var"):
            w = 1 + 0.5 * w
        elif "bn" in key and key.endswith(".weight"):
            w = 1 + 0.2 * w
        elif w.ndim == 4:
            w = w * np.sqrt(0.7 / np.prod(shape[1:]))
        else:
            w = 0.05 * w
        weights[key] = torch.from_numpy(w.astype(np.float32))
    return weights


@pytest.fixture(scope="module", params=["", "module."])
def converted(request, reference_folder, tmp_path_factory):
    """A network with the made-up weights, converted from the original's names."""
    folder = tmp_path_factory.mktemp("converted")
    weights = made_up_weights(reference_folder / "reference/enlightengan_generator_keys.txt")
    torch.save({request.param + key: value for key, value in weights.items()}, folder / "200_net_G_A.pth")
    official = official_weights("enlightengan")
    converted = official.convert(official.read(folder / "200_net_G_A.pth"))
    network = EnlightenGANGenerator()
    network.load_state_dict({name.removeprefix("generator."): value for name, value in converted.items()})
    return network.eval()


@torch.no_grad()
def test_the_originals_output(reference_folder, converted):
    expected = np.load(reference_folder / "reference/enlightengan_generator.npz")
    for number in "01":
        image = torch.from_numpy(expected[f"img{number}"]).permute(2, 0, 1)[None] / 255
        output = 2 * converted(image) - 1
        np.testing.assert_allclose(output[0], expected[f"out{number}"], atol=1e-5, rtol=0)


def test_number_of_parameters():
    assert sum(p.numel() for p in EnlightenGANGenerator().parameters()) == 8_636_675


@pytest.mark.parametrize("size", [(1, 1), (17, 33), (250, 333), (16, 16), (1, 40)])
def test_any_size_comes_out_as_it_went_in(network, size):
    image = torch.rand(2, 3, *size)
    enhanced = network(image)
    assert enhanced.shape == image.shape
    assert enhanced.isfinite().all()


def test_an_image_is_padded_by_reflection_on_both_sides_and_cut_back(network):
    image = torch.rand(1, 3, 41, 56)
    # To 48 and 64: 3 rows above and 4 below, 4 columns on each side, as the original pads.
    padded = F.pad(image, (4, 4, 3, 4), mode="reflect")
    torch.testing.assert_close(network(image), network(padded)[..., 3:-4, 4:-4])


def test_the_receptive_radius(network):
    # Which pixel of a pool's window counts depends on the image, so not every one shows the largest distance.
    measured = measured_radius(EnlightenGANGenerator(width=1), 320)
    assert network.receptive_radius - 4 <= measured <= network.receptive_radius


def by_hand(network, image):
    """The network, layer by layer as the paper draws it, for sides that are multiples of 16."""

    def level(module, x, attention=1):
        x = module.norm1(F.leaky_relu(module.conv1(x), 0.2)) * attention
        return module.norm2(F.leaky_relu(module.conv2(x), 0.2))

    a1 = 1 - (0.299 * image[:, :1] + 0.587 * image[:, 1:2] + 0.114 * image[:, 2:])
    a2, a3, a4, a5 = (F.max_pool2d(a1, 2**n) for n in (1, 2, 3, 4))
    x = 2 * image - 1
    x1 = level(network.down[0], torch.cat([x, a1], 1))
    x2 = level(network.down[1], F.max_pool2d(x1, 2))
    x3 = level(network.down[2], F.max_pool2d(x2, 2))
    x4 = level(network.down[3], F.max_pool2d(x3, 2))
    y = level(network.down[4], F.max_pool2d(x4, 2), a5)
    for index, skip in enumerate([x4 * a4, x3 * a3, x2 * a2, x1 * a1]):
        up = network.up[index](F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False))
        y = level(network.merge[index], torch.cat([up, skip], 1))
    return (x + network.residual(y) * a1 + 1) / 2


@pytest.mark.parametrize("training", [False, True])
def test_it_is_the_papers_network(network, training):
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean)
            nn.init.uniform_(module.running_var, 0.5, 2)
            module.momentum = 0  # the statistics stay as they are between the two calls
    network.train(training)
    image = torch.rand(2, 3, 32, 48)
    torch.testing.assert_close(network(image), by_hand(network, image))


def test_white_places_stay_as_they_are(network):
    image = torch.rand(1, 3, 32, 32)
    image[..., :16] = 1
    enhanced = network(image)
    torch.testing.assert_close(enhanced[..., :16], image[..., :16])
    assert (enhanced[..., 16:] - image[..., 16:]).abs().max() > 1e-3


def test_only_the_last_level_lacks_a_normalisation(network):
    norms = [name for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == 17
    assert isinstance(network.merge[3].norm2, nn.Identity)


def test_the_originals_initialisation():
    torch.manual_seed(0)
    init = [
        dict(type="mmlle.NormalWeights", layer="Conv2d", std=0.02),
        dict(type="mmlle.NormalWeights", layer="BatchNorm2d", mean=1, std=0.02),
    ]
    network = MODELS.build(dict(type="EnlightenGANGenerator", width=16, init_cfg=init))
    network.init_weights()
    convs = torch.cat([m.weight.flatten() for m in network.modules() if isinstance(m, nn.Conv2d)])
    norms = torch.cat([m.weight for m in network.modules() if isinstance(m, nn.BatchNorm2d)])
    assert convs.std().item() == pytest.approx(0.02, rel=0.01)
    assert (norms.mean().item(), norms.std().item()) == (
        pytest.approx(1, abs=0.01),
        pytest.approx(0.02, rel=0.1),
    )
