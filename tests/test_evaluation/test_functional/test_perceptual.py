import sys

import lpips
import numpy as np
import pytest
import torch
from torchvision import models

from mmlle.evaluation.functional import LPIPSDistance
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError

BUILDERS = {"alex": models.alexnet, "vgg": models.vgg16, "squeeze": models.squeezenet1_1}


@pytest.fixture(scope="module")
def backbones(tmp_path_factory):
    """Random weights of the features of torchvision's networks in files, as torchvision names them."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    for net, builder in BUILDERS.items():
        with torch.device("meta"):
            network = builder(weights=None)
        state = {
            f"features.{name}": torch.randn(value.shape) * 0.05
            for name, value in network.features.state_dict().items()
        }
        torch.save(state, folder / f"{net}.pth")
    return folder


@pytest.fixture(scope="module")
def alex(backbones):
    return LPIPSDistance(backbones / "alex.pth")


@pytest.fixture
def images():
    return dark_image(40, 48) * 3, dark_image(40, 48, seed=1) * 2


@pytest.mark.parametrize("net", BUILDERS)
def test_equals_the_definition(backbones, images, net):
    """Zhang et al., Eq. 1: normed features, squared differences, weighted by channel, mean over pixels."""
    state = torch.load(backbones / f"{net}.pth", weights_only=True)
    with torch.device("meta"):
        features = BUILDERS[net](weights=None).features
    features.load_state_dict({k.removeprefix("features."): v for k, v in state.items()}, assign=True)
    package = lpips.__path__[0]
    linear = torch.load(f"{package}/weights/v0.1/{net}.pth", "cpu", weights_only=True)
    taps = dict(alex=(1, 4, 7, 9, 11), vgg=(3, 8, 15, 22, 29), squeeze=(1, 4, 7, 9, 10, 11, 12))[net]
    maps = []
    with torch.no_grad():
        for image in images:
            rgb = torch.from_numpy(image[..., ::-1].copy()).permute(2, 0, 1)[None].double() / 127.5 - 1
            shift, scale = (
                torch.tensor(v).view(3, 1, 1) for v in ((-0.030, -0.088, -0.188), (0.458, 0.448, 0.450))
            )
            layer, kept = (rgb - shift).div(scale), []
            for index, module in enumerate(features.double()[: taps[-1] + 1]):
                layer = module(layer)
                if index in taps:
                    kept.append(layer / (layer.square().sum(1, keepdim=True).sqrt() + 1e-10))
            maps.append(kept)
    expected = sum(
        ((a - b).square() * linear[f"lin{i}.model.1.weight"]).sum(1).mean()
        for i, (a, b) in enumerate(zip(*maps, strict=True))
    )
    assert LPIPSDistance(backbones / f"{net}.pth", net)(*images) == pytest.approx(float(expected), rel=1e-4)


def test_equal_images(alex, images):
    assert alex(images[0], images[0]) == 0
    assert alex(*images) > 0
    assert alex(images[0].astype(np.float64), images[1]) == pytest.approx(alex(*images))


def test_images_below_the_network_are_refused(alex):
    with pytest.raises(ValueError, match="31 px a side.*30x40"):
        alex(dark_image(30, 40), dark_image(30, 40))
    assert alex(dark_image(31, 31), dark_image(31, 31)) == 0


def test_linear_weights_by_path(backbones, images, tmp_path):
    torch.save(
        {f"lin{i}.model.1.weight": torch.zeros(1, n, 1, 1) for i, n in enumerate((64, 192, 384, 256, 256))},
        tmp_path / "zero.pth",
    )
    assert LPIPSDistance(backbones / "alex.pth", weights=tmp_path / "zero.pth")(*images) == 0


def test_files_that_are_missing_or_of_another_network(backbones, tmp_path):
    with pytest.raises(
        UserError, match=r"no file .*gone\.pth for backbone_weights.*alexnet-owt-7be5be79\.pth"
    ):
        LPIPSDistance(tmp_path / "gone.pth")
    with pytest.raises(UserError, match=r"no file .*gone\.pth for weights"):
        LPIPSDistance(backbones / "alex.pth", weights=tmp_path / "gone.pth")
    with pytest.raises(UserError, match=r"vgg\.pth does not fit net='alex'.*8 of 10"):
        LPIPSDistance(backbones / "vgg.pth")
    with pytest.raises(UserError, match=r"alex\.pth does not fit the layers of net='alex'"):
        LPIPSDistance(backbones / "alex.pth", weights=backbones / "alex.pth")
    (tmp_path / "text.pth").write_text("no")
    with pytest.raises(UserError, match=r"backbone_weights: .*text\.pth"):
        LPIPSDistance(tmp_path / "text.pth")


def test_unknown_networks():
    with pytest.raises(ValueError, match="alex, vgg, squeeze, got 'resnet'"):
        LPIPSDistance("x.pth", net="resnet")


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "lpips", None)
    with pytest.raises(UserError, match="pip install lpips"):
        LPIPSDistance("x.pth")
