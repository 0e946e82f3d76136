import math
import random

import numpy as np
import pytest
import torch
from mmengine.config import Config
from torch import nn
from torch.nn import functional as F

from mmlle.models import SemanticGuidanceLoss
from mmlle.models.archs import build_segmentor
from mmlle.models.losses import semantic_guidance_loss
from mmlle.models.utils import WeightsError
from mmlle.registry import MODELS
from mmlle.testing import tiny_segmentor

from .. import ROOT


def by_one_hot(logits, gamma):
    """The original formulation: probabilities picked by a one-hot argmax, clamped."""
    probabilities = F.softmax(logits, dim=1)
    target = F.one_hot(probabilities.argmax(dim=1), logits.shape[1]).permute(0, 3, 1, 2)
    p = (probabilities * target).sum(dim=1).clamp(1e-4, 1.0)
    return (-((1 - p) ** gamma) * p.log()).mean()


@pytest.fixture
def images():
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def loss():
    module = SemanticGuidanceLoss(tiny_segmentor())
    with pytest.warns(UserWarning, match="has no weights"):
        module.init_weights()
    return module


def weights_of(loss):
    return loss.segmentor.network.state_dict()


class TestFunction:
    def test_by_hand(self):
        # Probabilities 3/4 and 1/4 at one pixel, 1/2 each at the other.
        first, second = 0.25**2 * -math.log(0.75), 0.5**2 * -math.log(0.5)
        logits = torch.tensor([[[[math.log(3), 0.0]], [[0.0, 0.0]]]])
        assert semantic_guidance_loss(logits).item() == pytest.approx((first + second) / 2)

    @pytest.mark.parametrize("gamma", [0, 1, 2, 3.5])
    def test_equals_the_original_formulation(self, gamma):
        generator = torch.Generator().manual_seed(1)
        logits = 3 * torch.randn(2, 21, 5, 7, generator=generator, dtype=torch.float64)
        torch.testing.assert_close(semantic_guidance_loss(logits, gamma), by_one_hot(logits, gamma))

    def test_a_sure_network_costs_nothing_and_gives_no_nan(self):
        logits = torch.tensor([200.0, 0, 0]).view(1, 3, 1, 1).requires_grad_()
        loss = semantic_guidance_loss(logits)
        loss.backward()
        assert loss.item() == 0
        assert logits.grad.abs().max() == 0

    def test_gradient_is_that_of_finite_differences(self):
        generator = torch.Generator().manual_seed(2)
        logits = torch.randn(1, 4, 2, 2, generator=generator, dtype=torch.float64)
        assert torch.autograd.gradcheck(semantic_guidance_loss, logits.requires_grad_())


class TestFrozen:
    def test_gradient_reaches_the_image_and_no_weight(self, loss, images):
        loss(images.requires_grad_()).backward()
        assert images.grad.isfinite().all()
        assert images.grad.abs().amax(dim=(1, 2, 3)).min() > 0
        network = loss.segmentor.network
        assert len(list(network.parameters())) > 50
        assert all(p.grad is None and not p.requires_grad for p in network.parameters())

    def test_checkpoints_and_optimisers_see_nothing_of_it(self, loss):
        assert not loss.state_dict()
        assert not list(loss.parameters())
        assert [name for name, _ in loss.named_modules()] == ["", "segmentor"]
        loss.load_state_dict({})  # a checkpoint has nothing for it

    def test_it_stays_in_eval_mode_and_its_statistics_stay(self, loss, images):
        before = {name: value.clone() for name, value in weights_of(loss).items()}
        loss.train()
        assert not any(module.training for module in loss.segmentor.network.modules())
        first, second = loss(images), loss(images)
        assert first == second
        for name, value in weights_of(loss).items():
            assert torch.equal(value, before[name]), name

    def test_it_follows_the_loss_to_another_type(self, loss, images):
        expected = loss(images)
        loss.to(torch.float64)
        assert {p.dtype for p in loss.segmentor.network.parameters()} == {torch.float64}
        torch.testing.assert_close(loss(images.double()).float(), expected)

    def test_a_network_made_after_the_move_is_moved_too(self):
        module = SemanticGuidanceLoss(nn.Conv2d(3, 2, 1)).to("meta")
        module.init_weights()
        assert module.segmentor.network.weight.device.type == "meta"
        module = SemanticGuidanceLoss(nn.Conv2d(3, 2, 1)).double()
        assert module(torch.rand(1, 3, 2, 2, dtype=torch.float64)).dtype == torch.float32  # from float logits
        assert module.segmentor.network.weight.dtype == torch.float64


class TestValue:
    def test_normalised_image_focal_loss_and_weight(self, images):
        network = nn.Conv2d(3, 4, 1)
        mean, std = (0.1, 0.2, 0.3), (0.5, 0.6, 0.7)
        module = SemanticGuidanceLoss(network, gamma=1.5, loss_weight=0.1, mean=mean, std=std)
        normalised = torch.stack([(images[:, i] - mean[i]) / std[i] for i in range(3)], dim=1)
        torch.testing.assert_close(module(images), 0.1 * by_one_hot(network(normalised), 1.5))

    def test_the_image_as_it_is_like_the_original_code(self, images):
        network = nn.Conv2d(3, 4, 1)
        module = SemanticGuidanceLoss(network, mean=(0, 0, 0), std=(1, 1, 1))
        torch.testing.assert_close(module(images), by_one_hot(network(images), 2))
        assert network.weight.dtype == torch.float32

    def test_it_makes_its_network_when_the_first_batch_comes(self, images):
        module = SemanticGuidanceLoss(tiny_segmentor())
        assert module.segmentor.network is None
        with pytest.warns(UserWarning, match="random"):
            assert module(images) > 0

    def test_any_size(self, loss):
        for size in ((1, 1), (7, 5), (1, 300)):
            assert loss(torch.rand(1, 3, *size)).isfinite()


class TestSeed:
    @pytest.mark.filterwarnings("ignore:SemanticGuidanceLoss has no weights")
    def test_the_same_seed_gives_the_same_network(self, loss):
        torch.manual_seed(123)
        again = MODELS.build(dict(type="SemanticGuidanceLoss", segmentor=tiny_segmentor(), seed=0))
        again.init_weights()
        other = SemanticGuidanceLoss(tiny_segmentor(), seed=1)
        other.init_weights()
        assert all(torch.equal(value, weights_of(again)[name]) for name, value in weights_of(loss).items())
        stem = "backbone.stem.0.weight"
        assert not torch.equal(weights_of(loss)[stem], weights_of(other)[stem])

    @pytest.mark.filterwarnings("ignore:SemanticGuidanceLoss has no weights")
    def test_the_random_state_of_the_training_is_untouched(self, images):
        before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
        SemanticGuidanceLoss(tiny_segmentor())(images)
        assert torch.equal(torch.get_rng_state(), before[0])
        assert np.array_equal(np.random.get_state()[1], before[1])
        assert random.getstate() == before[2]


class TestWeights:
    """Which of the many kinds of files are taken is tested with build_segmentor; this is the way there."""

    def test_a_local_file_is_loaded_and_no_warning_given(self, loss, tmp_path, recwarn):
        segmentor = build_segmentor(tiny_segmentor(), seed=0)
        torch.save(dict(state_dict=segmentor.state_dict()), tmp_path / "segmentor.pth")
        loaded = SemanticGuidanceLoss(tiny_segmentor(), str(tmp_path / "segmentor.pth"), seed=1)
        recwarn.clear()
        loaded.init_weights()
        assert all(torch.equal(value, weights_of(loaded)[name]) for name, value in weights_of(loss).items())
        assert not [w for w in recwarn if "SemanticGuidanceLoss" in str(w.message)]

    def test_an_absent_file_is_named_with_the_option_that_names_another(self, images, tmp_path):
        module = SemanticGuidanceLoss(tiny_segmentor(), str(tmp_path / "gone.pth"))
        with pytest.raises(WeightsError, match=r"(?s)gone\.pth.*--cfg-options model\.semantic_loss\.weights"):
            module(images)

    @pytest.mark.filterwarnings("error")
    def test_a_given_network_needs_no_weights(self, images):
        SemanticGuidanceLoss(nn.Conv2d(3, 2, 1))(images)


@pytest.mark.filterwarnings("ignore:SemanticGuidanceLoss has no weights")
def test_the_configs_segmentor_is_the_papers():
    config = Config.fromfile(ROOT / "configs/_base_/models/sgz.py").model.semantic_loss
    config.weights = None
    module = MODELS.build(config)
    module.init_weights()
    logits = module.segmentor(torch.rand(1, 3, 64, 96))
    assert logits.shape == (1, 21, 16, 24)
    network = module.segmentor.network
    assert type(network.backbone).__name__ == "ResNetV1c"
    assert [len(getattr(network.backbone, f"layer{i}")) for i in (1, 2, 3, 4)] == [3, 4, 6, 3]
    top_down = [m.weight for m in network.neck.modules() if isinstance(m, nn.Conv2d)]
    assert torch.cat([weight.flatten() for weight in top_down]).std().item() == pytest.approx(0.01, rel=0.01)
