import numpy as np
import pytest
import torch
from mmengine.runner import load_checkpoint
from torch import nn
from torch.nn import functional as F

from mmlle.models import EFENet
from mmlle.models.editors.sgz.efe_net import DepthwiseSeparableConv
from mmlle.models.utils import apply_light_curve
from mmlle.registry import MODELS

from ...receptive_field import measured_radius


def convolutions(network):
    return [module for module in network.modules() if isinstance(module, nn.Conv2d)]


@pytest.mark.parametrize(("conv_type", "parameters"), [("dsc", 10_561), ("dc", 67_299), ("tc", 67_299)])
def test_number_of_parameters(conv_type, parameters):
    assert sum(p.numel() for p in EFENet(conv_type).parameters()) == parameters


def test_the_separable_one_is_the_default():
    layers = convolutions(EFENet())
    assert len(layers) == 14
    assert all(layer.groups == layer.in_channels and layer.kernel_size == (3, 3) for layer in layers[::2])
    assert all(layer.groups == 1 and layer.kernel_size == (1, 1) for layer in layers[1::2])
    assert all(layer.bias is not None for layer in layers)


def test_inputs_by_themselves_are_convolved_as_if_they_were_joined():
    conv = DepthwiseSeparableConv(7, 5)
    inputs = torch.rand(2, 7, 11, 13, requires_grad=True)
    parts = conv(*inputs.split([3, 4], dim=1))
    joined = conv(inputs)
    torch.testing.assert_close(parts, joined)
    weights = [inputs, *conv.parameters()]
    for part, whole in zip(
        *(torch.autograd.grad(x.square().sum(), weights) for x in (parts, joined)), strict=True
    ):
        torch.testing.assert_close(part, whole)


@pytest.mark.parametrize(("conv_type", "dilation"), [("dc", (2, 2)), ("tc", (1, 1))])
def test_the_dilated_and_the_plain_one(conv_type, dilation):
    layers = convolutions(EFENet(conv_type))
    assert [layer.dilation for layer in layers] == [dilation] * 7
    assert {layer.groups for layer in layers} == {1}


@pytest.mark.parametrize("conv_type", ["dsc", "dc", "tc"])
@pytest.mark.parametrize("scale_factor", [1, 3, 12, 1.5])
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (1, 300), (37, 53)])
def test_any_size_comes_out_as_it_went_in(conv_type, scale_factor, size):
    factor = EFENet(conv_type, width=2, scale_factor=scale_factor)(torch.rand(2, 3, *size))
    assert factor.shape == (2, 3, *size)
    assert factor.abs().max() <= 1


@pytest.mark.parametrize("scale", [3, 12])
def test_where_the_factor_divides_the_sides_it_scales_as_the_original(scale):
    torch.manual_seed(0)
    network, plain = EFENet(width=4, scale_factor=scale), EFENet(width=4)
    plain.load_state_dict(network.state_dict())
    image = torch.rand(1, 3, 2 * scale, 5 * scale)
    reduced = F.interpolate(image, scale_factor=1 / scale, mode="bilinear")
    assert reduced.shape == (1, 3, 2, 5)
    factor = F.interpolate(plain(reduced), scale_factor=scale, mode="bilinear", align_corners=True)
    torch.testing.assert_close(network(image), factor)


def test_the_reduced_size_is_rounded_up():
    seen = []
    network = EFENet(width=2, scale_factor=12)
    network.conv1.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0].shape[-2:]))
    network(torch.rand(1, 3, 25, 400))
    assert seen == [(3, 34)]


@pytest.mark.parametrize(("conv_type", "radius"), [("dsc", 7), ("tc", 7), ("dc", 14)])
def test_the_receptive_radius(conv_type, radius):
    network = EFENet(conv_type, width=2)
    assert network.receptive_radius == measured_radius(network, 40) == radius


def test_the_scale_factor_may_change():
    network = EFENet(width=2)
    image = torch.rand(1, 3, 30, 40)
    network.scale_factor = 3
    torch.testing.assert_close(network(image), reduced_by_three(network, image))
    assert network.receptive_radius == float("inf")


def reduced_by_three(network, image):
    other = EFENet(width=2, scale_factor=3)
    other.load_state_dict(network.state_dict())
    return other(image)


def test_with_a_scale_factor_it_needs_the_whole_image():
    assert EFENet(scale_factor=3).receptive_radius == float("inf")


def test_a_wrong_type_of_convolution_is_refused():
    with pytest.raises(ValueError, match="conv_type.*'dc', 'dsc', 'tc'.*'dsx'"):
        MODELS.build(dict(type="EFENet", conv_type="dsx"))


@pytest.mark.parametrize("scale_factor", [0, 0.5, -2])
def test_enlarging_is_refused(scale_factor):
    with pytest.raises(ValueError, match=f"at least 1, got {scale_factor}"):
        EFENet(scale_factor=scale_factor)


@torch.no_grad()
def test_the_original_weights_give_the_original_output(reference_folder, convert_official):
    expected = np.load(reference_folder / "reference/sgz.npz")
    checkpoint = str(convert_official("sgz"))
    image = torch.from_numpy(expected["img"]).permute(2, 0, 1)[None] / 255
    for scale in (1, 12):
        network = EFENet(scale_factor=scale)
        load_checkpoint(network, checkpoint, strict=True, revise_keys=[(r"^generator\.", "")])
        factor = network(image)
        enhanced = apply_light_curve(image, factor)
        np.testing.assert_allclose(enhanced[0], expected[f"enhanced_scale{scale}"], atol=1e-5, rtol=0)
        if scale == 1:
            np.testing.assert_allclose(factor[0], expected["factor_scale1"], atol=1e-5, rtol=0)
