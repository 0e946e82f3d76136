import numpy as np
import pytest
import torch
from torch.nn import functional as F

from mmlle.models import EnhanceNetGenerator
from mmlle.models.editors.enhancenet.enhancenet_generator import bicubic_tf1

from ...model_tester import TILES
from ...receptive_field import measured_radius


def keys_kernel(distance, a=-0.75):
    d = abs(distance)
    if d <= 1:
        return (a + 2) * d**3 - (a + 3) * d**2 + 1
    return a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a if d < 2 else 0


def plain_bicubic(image, scale):
    """TensorFlow 1's enlargement pixel by pixel: sources at i / scale, edges repeated."""
    height, width = image.shape
    out = np.zeros((scale * height, scale * width))
    for y, x in np.ndindex(*out.shape):
        top, left = y // scale, x // scale
        for i in range(top - 1, top + 3):
            for j in range(left - 1, left + 3):
                value = image[min(max(i, 0), height - 1), min(max(j, 0), width - 1)]
                out[y, x] += value * keys_kernel(y / scale - i) * keys_kernel(x / scale - j)
    return out


def plain(weights, image, blocks):
    """The network of the paper written out, from bare tensors."""

    def conv(name, x):
        return F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1)

    mean = torch.tensor([0.47614917, 0.45001204, 0.40904046]).double().view(3, 1, 1)
    x = conv("conv_first", image - mean).relu()
    for block in range(blocks):
        x = x + conv(f"blocks.{block}.conv2", conv(f"blocks.{block}.conv1", x).relu())
    for name in ("conv_up1", "conv_up2"):
        x = conv(name, x.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)).relu()
    return conv("conv_last", conv("conv_hr", x).relu())


@pytest.mark.parametrize("bicubic", ["torch", "tf1"])
def test_it_is_the_papers_network(bicubic):
    torch.manual_seed(0)
    network = EnhanceNetGenerator(width=4, num_blocks=2, bicubic=bicubic).double()
    network.mean = network.mean.float().double()
    image = torch.rand(2, 3, 5, 6, dtype=torch.float64)
    enlarge = {"torch": lambda x: F.interpolate(x, scale_factor=4, mode="bicubic")}.get(
        bicubic, lambda x: bicubic_tf1(x, 4)
    )
    residual = plain(network.state_dict(), image, blocks=2)
    torch.testing.assert_close(network(image), enlarge(image) + residual.float(), atol=1e-6, rtol=0)
    torch.testing.assert_close(network.enlarge(image), enlarge(image))


def test_number_of_parameters():
    assert sum(p.numel() for p in EnhanceNetGenerator().parameters()) == 852_867


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (6, 5)])
def test_tensorflows_enlargement_equals_a_loop_over_pixels(size):
    torch.manual_seed(0)
    image = torch.rand(1, 2, *size, dtype=torch.float64)
    found = bicubic_tf1(image, 4)
    for channel in range(2):
        expected = plain_bicubic(image[0, channel].numpy(), 4)
        np.testing.assert_allclose(found[0, channel].numpy(), expected, atol=1e-12)


def test_tensorflows_enlargement_keeps_the_pixels_where_pytorchs_does_not():
    image = torch.rand(1, 3, 5, 6)
    torch.testing.assert_close(bicubic_tf1(image, 4)[..., ::4, ::4], image)


def test_an_unknown_enlargement_is_refused():
    with pytest.raises(ValueError, match="'tf1', 'torch'.*'tf2'"):
        EnhanceNetGenerator(bicubic="tf2")


@pytest.mark.parametrize("num_blocks", [1, 3])
def test_the_receptive_radius(num_blocks):
    network = EnhanceNetGenerator(width=2, num_blocks=num_blocks)
    # Of the enlarged pixels, none needs all of the last one.
    assert network.receptive_radius - 1 == measured_radius(network, 40, scale=4) == 1 + 2 * num_blocks + 2


def test_what_is_enlarged_is_computed_in_small_tiles(monkeypatch):
    asked = []
    monkeypatch.setattr(TILES, "tile_side", lambda halo, *_: asked.append(halo) or 8)
    network = EnhanceNetGenerator(width=4, num_blocks=1)
    image = torch.rand(2, 3, 21, 37)
    whole = network(image)
    assert not asked
    sizes = []
    network.conv_up1.register_forward_pre_hook(lambda _, inputs: sizes.append(inputs[0].shape[-2:]))
    with torch.no_grad():
        torch.testing.assert_close(network(image), whole, atol=1e-6, rtol=0)
    assert asked == [3]
    assert len(sizes) == 3 * 5
    assert max(max(size) for size in sizes) == 2 * (8 + 2 * 3)


def test_half_precision_does_not_touch_the_enlarged_image():
    torch.manual_seed(0)
    network = EnhanceNetGenerator(width=4, num_blocks=1)
    torch.nn.init.zeros_(network.conv_last.weight)
    torch.nn.init.zeros_(network.conv_last.bias)
    image = torch.rand(1, 3, 5, 6)
    for bicubic in ("torch", "tf1"):
        network.bicubic = bicubic
        with torch.autocast("cpu", torch.bfloat16):
            assert torch.equal(network(image), network.enlarge(image))


def test_it_gives_what_the_original_gives(reference_folder, convert_official):
    state = torch.load(convert_official("enhancenet"), weights_only=True)["state_dict"]
    network = EnhanceNetGenerator(bicubic="tf1").eval()
    network.load_state_dict({name.removeprefix("generator."): value for name, value in state.items()})
    reference = np.load(reference_folder / "reference/enhancenet_pat.npz")
    image = torch.from_numpy(reference["lr"]).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        found, enlarged = network(image)[0].numpy(), network.enlarge(image)[0].numpy()
    np.testing.assert_allclose(found, reference["sr"], atol=1e-4)
    np.testing.assert_allclose(enlarged, reference["bicubic"], atol=1e-4)
