import re

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from mmlle.models import VGGFeatures
from mmlle.models.archs.vgg_features import layer_names
from mmlle.models.utils import WeightsError
from mmlle.registry import MODELS
from mmlle.utils.errors import ImageSizeError

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
CAFFE_MEAN = torch.tensor([103.939, 116.779, 123.68]).view(3, 1, 1)


@pytest.fixture
def image():
    return torch.rand(2, 3, 37, 50, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of weights for the first three blocks of VGG-16, as torchvision's names go."""
    torch.manual_seed(1)
    state = {}
    for index, conv in enumerate(torchvision.models.vgg.make_layers([64, 64, "M", 128, 128, "M", 256])):
        state |= {f"features.{index}.{name}": value for name, value in conv.state_dict().items()}
    path = tmp_path_factory.mktemp("weights") / "part.pth"
    torch.save(state, path)
    return str(path)


def by_hand(state, image, steps):
    """Layers in a row: the number of a convolution, "relu" or "pool"."""
    for step in steps:
        if step == "relu":
            image = F.relu(image)
        elif step == "pool":
            image = F.max_pool2d(image, 2)
        else:
            weight, bias = (state[f"features.{step}.{name}"] for name in ("weight", "bias"))
            image = F.conv2d(image, weight, bias, padding=1)
    return image


BLOCK_1, BLOCK_2 = (0, "relu", 2, "relu"), ("pool", 5, "relu", 7, "relu")


class TestValue:
    def test_all_maps_of_one_pass_by_hand(self, weights, image):
        state = torch.load(weights, weights_only=True)
        layers = ["conv3_1", "relu1_1", "conv1_2", "pool1", "relu2_2"]
        maps = VGGFeatures(16, layers, weights)(image)
        assert set(maps) == set(layers)
        normalised = (image - MEAN) / STD
        for name, steps in {
            "relu1_1": (0, "relu"),
            "conv1_2": (0, "relu", 2),
            "pool1": (*BLOCK_1, "pool"),
            "relu2_2": (*BLOCK_1, *BLOCK_2),
            "conv3_1": (*BLOCK_1, *BLOCK_2, "pool", 10),
        }.items():
            torch.testing.assert_close(maps[name], by_hand(state, normalised, steps), msg=name)

    @pytest.mark.parametrize(("preprocessing", "mean"), [("caffe", CAFFE_MEAN), ("caffe_no_mean", 0)])
    def test_caffes_images_are_bgr_up_to_255(self, weights, image, preprocessing, mean):
        state = torch.load(weights, weights_only=True)
        expected = by_hand(state, 255 * image.flip(1) - mean, (0,))
        maps = VGGFeatures(16, ["conv1_1"], weights, preprocessing)(image)
        torch.testing.assert_close(maps["conv1_1"], expected, atol=1e-4, rtol=1e-5)

    def test_a_pool_can_be_left_out(self, weights, image):
        state = torch.load(weights, weights_only=True)
        steps = (*BLOCK_1, 5, "relu", 7, "relu", "pool", 10)
        maps = VGGFeatures(16, ["conv3_1", "pool1"], weights, skip_pools=[1])(image)
        torch.testing.assert_close(maps["conv3_1"], by_hand(state, (image - MEAN) / STD, steps))
        assert maps["pool1"].shape == (2, 64, 37, 50)

    @pytest.mark.parametrize(("depth", "make"), [(16, "vgg16"), (19, "vgg19")])
    def test_torchvisions_own_network_and_weights(self, depth, make, tmp_path, image):
        torch.manual_seed(2)
        # Not the whole network: its fully connected layers take seconds to make.
        network = torchvision.models.VGG(getattr(torchvision.models, make)(init_weights=False).features)
        torch.save({f"features.{k}": v for k, v in network.features.state_dict().items()}, tmp_path / "v.pth")
        maps = VGGFeatures(depth, ["relu5_1", "pool5"], str(tmp_path / "v.pth"))(image)
        normalised = (image - MEAN) / STD
        torch.testing.assert_close(maps["pool5"], network.features(normalised), atol=1e-5, rtol=1e-4)
        before = list(network.features)[: {16: 26, 19: 30}[depth]]
        torch.testing.assert_close(maps["relu5_1"], nn.Sequential(*before)(normalised), atol=1e-5, rtol=1e-4)

    def test_the_weights_that_can_be_had(self, reference_folder, image):
        path = reference_folder / "weights/vgg16_caffe_conv1_1_to_conv3_3.pth"
        features = VGGFeatures(16, ["conv3_3"], str(path), "caffe")
        assert features(image)["conv3_3"].shape == (2, 256, 9, 12)
        with pytest.raises(WeightsError, match=r"2 of its 16 .*features\.17\.weight"):
            VGGFeatures(16, ["conv4_1"], str(path), "caffe").init_weights()


def test_names_of_the_layers():
    assert layer_names(16)[:5] == ["conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1"]
    assert (len(layer_names(16)), len(layer_names(19))) == (31, 37)
    assert "conv5_4" in layer_names(19)
    assert "conv5_4" not in layer_names(16)


class TestFrozen:
    def test_nothing_is_built_beyond_the_deepest_layer(self, weights):
        features = VGGFeatures(16, ["relu2_1", "conv1_1"], weights)
        features.init_weights()
        modules = features.network.network.modules()
        assert sum(isinstance(module, torch.nn.Conv2d) for module in modules) == 3

    def test_gradient_reaches_the_image_and_no_weight(self, weights, image):
        features = VGGFeatures(16, ["conv3_1"], weights)
        features(image.requires_grad_())["conv3_1"].square().sum().backward()
        assert image.grad.abs().amax(dim=(1, 2, 3)).min() > 0
        assert all(p.grad is None and not p.requires_grad for p in features.network.network.parameters())

    def test_checkpoints_and_optimisers_see_nothing_of_it(self, weights, image):
        features = VGGFeatures(16, ["conv1_1"], weights).train()
        features(image)
        assert not features.state_dict()
        assert not list(features.parameters())
        assert not features.network.network.training

    def test_it_is_made_late_where_the_module_is(self, weights):
        features = VGGFeatures(16, ["conv1_1"], weights).double()
        assert features.network.network is None
        assert features(torch.rand(1, 3, 4, 4, dtype=torch.float64))["conv1_1"].dtype == torch.float64


class TestWeights:
    @pytest.mark.filterwarnings("ignore:VGGFeatures has no weights")
    def test_random_ones_depend_on_the_seed_alone(self, image):
        def maps(seed):
            return VGGFeatures(19, ["conv2_1"], seed=seed)(image)["conv2_1"]

        before = torch.get_rng_state()
        first = maps(0)
        assert torch.equal(torch.get_rng_state(), before)
        torch.manual_seed(5)
        assert torch.equal(maps(0), first)
        assert not torch.equal(maps(1), first)
        assert 0.1 < first.std() < 10

    def test_random_ones_are_warned_of(self, image):
        with pytest.warns(UserWarning, match="no weights.*VGG-16.*random"):
            VGGFeatures(16, ["conv1_1"])(image)

    @pytest.mark.filterwarnings("error")
    def test_a_file_of_the_needed_layers_will_do(self, weights):
        VGGFeatures(16, ["conv3_1"], weights).init_weights()

    def test_missing_layers_are_named(self, weights):
        message = (
            r"part\.pth' does not fit the VGG-16: it lacks 2 of its 12 weights, 'features\.12\.weight' for "
            r"one\. Give the `weights` of VGGFeatures .* up to relu3_2 under torchvision's names, or None"
        )
        with pytest.raises(WeightsError, match=message):
            VGGFeatures(16, ["relu3_2", "conv1_1"], weights).init_weights()

    def test_wrong_shapes_are_named(self, weights, tmp_path):
        state = torch.load(weights, weights_only=True)
        state["features.2.weight"] = torch.zeros(32, 64, 3, 3)
        torch.save(state, tmp_path / "thin.pth")
        with pytest.raises(
            WeightsError, match=r"(?s)thin\.pth' does not fit the VGG-16: .*features\.2\.weight"
        ):
            VGGFeatures(16, ["conv1_2"], str(tmp_path / "thin.pth")).init_weights()

    def test_no_such_file(self, tmp_path):
        with pytest.raises(WeightsError, match=r"VGG-19.*gone\.pth"):
            VGGFeatures(19, ["conv1_2"], str(tmp_path / "gone.pth")).init_weights()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(depth=13), "depth must be one of [16, 19], got 13."),
        (dict(layers=["conv6_1"]), "layers of VGG-16 must be some of conv1_1, relu1_1, "),
        (dict(layers=["conv5_4"]), "got ['conv5_4']."),
        (dict(layers=[]), "got []."),
        (dict(preprocessing="bgr"), "one of ['caffe', 'caffe_no_mean', 'torchvision'], got 'bgr'."),
        (dict(skip_pools=[6]), "numbers of blocks, 1 to 5, got [6]."),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        MODELS.build({"type": "VGGFeatures", "depth": 16, "layers": ["conv1_1"], **options})


@pytest.mark.parametrize(
    ("layers", "skip_pools", "size"), [(["relu5_1"], (), 16), (["relu5_1"], (4,), 8), (["conv1_2"], (), 1)]
)
@pytest.mark.filterwarnings("ignore:VGGFeatures has no weights")
def test_the_smallest_image(layers, skip_pools, size):
    features = VGGFeatures(16, layers, skip_pools=skip_pools)
    assert features(torch.rand(1, 3, size, 17))[layers[0]].shape[2] == 1
    if size > 1:
        message = f"at least {size}x{size} px, got {size - 1}x40"
        with pytest.raises(ImageSizeError, match=message):
            features(torch.rand(1, 3, size - 1, 40))
