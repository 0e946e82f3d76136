import numpy as np
import pytest
import torch
from mmengine.runner import load_checkpoint

from mmlle.models import RetinexDecompositionNet
from mmlle.registry import MODELS

from ...receptive_field import measured_radius


def test_number_of_parameters():
    assert sum(p.numel() for p in RetinexDecompositionNet().parameters()) == 341_767


@pytest.mark.parametrize("size", [(1, 1), (1, 6), (5, 1), (2, 2), (9, 7)])
def test_one_illumination_three_channels_of_reflectance_at_any_size(size):
    torch.manual_seed(0)
    parts = RetinexDecompositionNet(width=4)(torch.rand(2, 3, *size))
    assert [part.shape for part in parts] == [(2, 1, *size), (2, 3, *size), (2, 3, *size)]
    assert all(part.min() > 0 and part.max() < 1 for part in parts)


def test_each_layer_pads_by_reflection():
    torch.manual_seed(0)
    network = RetinexDecompositionNet(width=4)
    image = torch.rand(1, 3, 8, 9)
    x = image
    convolutions = [getattr(network.n_net, f"conv{index}") for index in range(1, 6)]
    for conv in convolutions[:-1]:
        x = torch.relu(conv(torch.nn.ReflectionPad2d(1)(x)))
    expected = torch.sigmoid(convolutions[-1](torch.nn.ReflectionPad2d(1)(x)))
    torch.testing.assert_close(network.denoise(image), expected)


def test_illumination_and_reflectance_are_those_of_the_projected_image():
    torch.manual_seed(0)
    network = RetinexDecompositionNet(width=4)
    illumination, reflectance, denoised = network(torch.rand(1, 3, 6, 6))
    torch.testing.assert_close(illumination, network.illumination(denoised))
    torch.testing.assert_close(reflectance, network.reflectance(denoised))


def test_the_receptive_radius():
    network = RetinexDecompositionNet(width=2)
    assert network.receptive_radius == measured_radius(network, 40) == 10


def test_it_is_registered():
    assert isinstance(MODELS.build(dict(type="RetinexDecompositionNet", width=4)), RetinexDecompositionNet)


@torch.no_grad()
def test_the_original_weights_give_the_original_output(reference_folder, convert_official):
    expected = np.load(reference_folder / "reference/pairlie.npz")
    network = RetinexDecompositionNet()
    load_checkpoint(
        network, str(convert_official("pairlie")), strict=True, revise_keys=[(r"^generator\.", "")]
    )
    image = torch.from_numpy(expected["img"]).permute(2, 0, 1)[None] / 255
    illumination, reflectance, denoised = network(image)
    for name, part in dict(illumination=illumination, reflectance=reflectance, denoised=denoised).items():
        np.testing.assert_allclose(part[0], expected[name], atol=1e-5, rtol=0, err_msg=name)
    for name, gamma in dict(enhanced_gamma014=0.14, enhanced_gamma02=0.2).items():
        enhanced = (illumination**gamma * reflectance)[0]
        np.testing.assert_allclose(enhanced, expected[name], atol=1e-5, rtol=0, err_msg=name)
