import numpy as np
import pytest
import torch
from mmengine.runner import load_checkpoint

from mmlle.models import ZeroDCENet
from mmlle.models.utils import apply_light_curve
from mmlle.registry import MODELS

from ...receptive_field import measured_radius


def test_number_of_parameters():
    assert sum(p.numel() for p in ZeroDCENet().parameters()) == 79_416


@pytest.mark.parametrize("steps", [1, 4, 8])
def test_three_maps_for_each_step(steps):
    assert ZeroDCENet(steps=steps, width=4)(torch.rand(2, 3, 7, 5)).shape == (2, 3 * steps, 7, 5)


def test_the_receptive_radius():
    network = ZeroDCENet(width=2, steps=2)
    assert network.receptive_radius == measured_radius(network, 40) == 7


def test_it_is_registered():
    assert isinstance(MODELS.build(dict(type="ZeroDCENet", width=4)), ZeroDCENet)


@torch.no_grad()
def test_the_original_weights_give_the_original_output(reference_folder, convert_official):
    expected = np.load(reference_folder / "reference/zero_dce.npz")
    network = ZeroDCENet()
    checkpoint = convert_official("zero_dce")
    load_checkpoint(network, str(checkpoint), strict=True, revise_keys=[(r"^generator\.", "")])
    image = torch.from_numpy(expected["img"]).permute(2, 0, 1)[None] / 255
    curves = network(image)
    np.testing.assert_allclose(curves[0], expected["curves"], atol=1e-5, rtol=0)
    np.testing.assert_allclose(apply_light_curve(image, curves)[0], expected["enhanced"], atol=1e-5, rtol=0)
