import copy

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import OptimWrapper, OptimWrapperDict
from torch.nn import functional as F

from mmlle.registry import MODELS
from mmlle.testing import dark_image, tiny_enhancenet, tiny_enhancenet_pat

from ... import ROOT
from ...model_tester import BaseModelTester

CONFIGS = ROOT / "configs/enhancenet"


def tensor(image):
    return torch.from_numpy(image).permute(2, 0, 1)


class EnhanceNetTester(BaseModelTester):
    scale = 4

    def batch(self, size=(8, 8), count=2):
        batch = BaseModelTester.batch(size, count)
        for seed, sample in enumerate(batch["data_samples"]):
            sample.gt_img = tensor(dark_image(4 * size[0], 4 * size[1], seed=seed + 9))
        return batch

    def unenhanced(self, model, image):
        return model.generator.enlarge(image)

    def data(self, model):
        data = model.data_preprocessor(self.batch(), training=True)
        return data["inputs"], data["data_samples"].gt_img

    def losses_of(self, model, image=None):
        data = model.data_preprocessor(self.batch(), training=True)
        inputs = data["inputs"] if image is None else torch.zeros_like(data["inputs"])
        return model(inputs, data["data_samples"], mode="loss")

    def test_predictions_show_the_bicubic_image_too(self, model):
        (sample, _) = model.test_step(self.batch((5, 7)))
        expected = model.generator.enlarge(self.inputs(model, (5, 7)))[0].clamp(0, 1) * 255
        torch.testing.assert_close(sample.output.bicubic.flip(0), expected)


class TestENetE(EnhanceNetTester):
    config = staticmethod(tiny_enhancenet)
    losses = {"loss_pixel"}

    def test_the_loss_needs_ground_truth(self, model):
        with pytest.raises(ValueError, match="gt_img"):
            model(torch.rand(1, 3, 8, 8), mode="loss")

    def test_the_loss_is_the_mean_squared_error(self, model):
        inputs, truth = self.data(model)
        assert 0 < truth.max() <= 1
        expected = F.mse_loss(model(inputs), truth)
        torch.testing.assert_close(self.losses_of(model)["loss_pixel"], expected)


@pytest.mark.filterwarnings("ignore:VGGFeatures has no weights")
class TestENetPAT(EnhanceNetTester):
    config = staticmethod(tiny_enhancenet_pat)
    losses = {"loss_perceptual", "loss_texture", "loss_adversarial"}
    trained = {"generator", "discriminator", "conditional_update"}

    @staticmethod
    def optimisers(model):
        networks = dict(generator=model.generator, discriminator=model.discriminator)
        return OptimWrapperDict(
            **{
                name: OptimWrapper(torch.optim.Adam(net.parameters(), lr=1e-3))
                for name, net in networks.items()
            }
        )

    def test_features_are_computed_in_one_pass_for_both_losses(self, model):
        assert model.features.layers == ("pool2", "relu1_1", "relu2_1")
        inputs, truth = self.data(model)
        image = model(inputs)
        calls = []
        model.features.register_forward_hook(lambda *_: calls.append(1))
        losses = model.generator_losses(image, truth)
        assert len(calls) == 2  # of the image, and of the ground truth
        features, target = model.features(image), model.features(truth)
        torch.testing.assert_close(losses["loss_perceptual"], model.perceptual_loss(features, target))
        torch.testing.assert_close(losses["loss_texture"], model.texture_loss(features, target))

    def test_the_adversarial_loss_is_minus_log_d(self, model):
        inputs, _ = self.data(model)
        probability = model.discriminator(model(inputs)).sigmoid()
        found = self.losses_of(model)["loss_adversarial"]
        torch.testing.assert_close(found, 2 * -probability.log().mean())

    def test_gradient_reaches_every_trained_weight_and_nothing_else(self, model):
        sum(self.losses_of(model).values()).backward()
        for name, weight in model.generator.named_parameters():
            assert weight.grad.abs().max() > 0, name
        for name, weight in model.discriminator.named_parameters():
            assert weight.grad is None, name
            assert weight.requires_grad, name
        assert {name.partition(".")[0] for name, _ in model.named_parameters()} <= self.trained

    def test_each_loss_has_a_finite_gradient_even_for_a_black_image(self, model):
        weights = list(model.generator.parameters())
        for name, loss in self.losses_of(model, torch.zeros(1)).items():
            gradients = torch.autograd.grad(loss, weights, retain_graph=True)
            assert all(g.isfinite().all() for g in gradients), name

    def test_a_training_step_logs_every_loss_and_changes_every_weight(self, model):
        before = {name: value.detach().clone() for name, value in model.named_parameters()}
        logged = model.train().train_step(self.batch(), self.optimisers(model))
        assert set(logged) == self.losses | {
            "loss",
            "loss_discriminator",
            "probability_real",
            "probability_fake",
            "discriminator_trained",
        }
        parts = sum(logged[name].item() for name in self.losses)
        assert logged["loss"].item() == pytest.approx(parts, rel=1e-5)
        assert logged["discriminator_trained"] == 1
        for name, value in model.named_parameters():
            assert not torch.equal(value, before[name]), name

    def test_the_discriminator_learns_from_real_and_generated_images(self, model):
        inputs, truth = self.data(model)
        with torch.no_grad():
            image = model(inputs)  # as it was before the step
            real, fake = model.discriminator(truth), model.discriminator(image)
        logged = model.train_step(self.batch(), self.optimisers(model))
        expected = -real.sigmoid().log().mean() - (1 - fake.sigmoid()).log().mean()
        torch.testing.assert_close(logged["loss_discriminator"], expected)
        torch.testing.assert_close(logged["probability_real"], real.sigmoid().mean())
        torch.testing.assert_close(logged["probability_fake"], 1 - fake.sigmoid().mean())

    def test_a_discriminator_that_is_good_enough_rests_for_a_step(self, model):
        model.conditional_update.performance.fill_(0.9)
        before = copy.deepcopy(model.discriminator.state_dict())
        optimisers = self.optimisers(model)
        logged = model.train_step(self.batch(), optimisers)
        assert logged["discriminator_trained"] == 0
        assert all(
            torch.equal(value, before[name]) for name, value in model.discriminator.state_dict().items()
        )
        # It was no better than chance on this batch, so the next step trains it.
        assert model.conditional_update.performance.max() < 0.6
        assert model.train_step(self.batch(), optimisers)["discriminator_trained"] == 1
        assert any(
            not torch.equal(value, before[name]) for name, value in model.discriminator.state_dict().items()
        )

    def test_thresholds_are_options(self):
        model = MODELS.build({**self.config(), "real_threshold": 0.6, "fake_threshold": 0.9})
        assert model.conditional_update.thresholds == (0.6, 0.9)


VARIANTS = dict(
    e={"pixel_loss"},
    p={"perceptual_loss"},
    ea={"pixel_loss", "adversarial_loss"},
    pa={"perceptual_loss", "adversarial_loss"},
    eat={"pixel_loss", "adversarial_loss", "texture_loss"},
    pat={"perceptual_loss", "adversarial_loss", "texture_loss"},
)


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_has_the_losses_of_its_letters_with_the_papers_weights(variant):
    config = Config.fromfile(CONFIGS / f"enhancenet_{variant}_x4.py").model
    assert {name for name in config if name.endswith("_loss")} == VARIANTS[variant]
    assert ("discriminator" in config) is ("adversarial_loss" in config)
    if "perceptual_loss" in config:
        assert config.perceptual_loss.layer_weights == dict(pool2=2e-1, pool5=2e-2)
    if "texture_loss" in config:
        assert config.texture_loss.layer_weights == dict(relu1_1=3e-7, relu2_1=1e-6, relu3_1=1e-6)
    if "adversarial_loss" in config:
        assert config.adversarial_loss.loss_weight == (2 if "texture_loss" in config else 1)
    assert config.features.depth == 19
