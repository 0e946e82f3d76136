import pytest
import torch

from mmlle.registry import MODELS
from mmlle.testing import tiny_pairlie

from ...model_tester import BaseModelTester


class TestPairLIE(BaseModelTester):
    config = staticmethod(tiny_pairlie)
    losses = {"loss_consistency", "loss_retinex", "loss_projection"}

    def pack(self, image):
        return dict(img=image, img2=image // 2)

    def test_tensors_are_not_clamped(self, model):
        # They need not be: both factors come from a sigmoid.
        assert 0 < model(torch.full((1, 3, 8, 8), 1.5)).max() < 1

    @pytest.mark.parametrize("gamma", [0.14, 1.0])
    def test_the_illumination_is_raised_to_gamma(self, model, gamma):
        other = MODELS.build({**self.config(), "gamma": gamma}).eval()
        other.load_state_dict(model.state_dict())
        image = torch.rand(2, 3, 9, 11)
        illumination, reflectance, _ = model.generator(image)
        torch.testing.assert_close(other(image), illumination**gamma * reflectance)

    def test_gamma_is_the_papers_by_default(self, model):
        assert model.gamma == 0.2

    def test_a_prediction_shows_the_decomposition(self, model):
        with torch.no_grad():
            (sample,) = model.test_step(self.batch((9, 12), count=1))
            illumination, reflectance, denoised = model.generator(self.inputs(model, (9, 12))[:1])
        image = self.inputs(model, (9, 12))[:1]
        expected = dict(
            pred_img=illumination**0.2 * reflectance,
            illumination=illumination.expand(-1, 3, -1, -1),
            reflectance=reflectance,
            noise=(0.5 + 4 * (image - denoised)).clamp(0, 1),
        )
        assert set(sample.output.keys()) == set(expected)
        for name, picture in expected.items():
            torch.testing.assert_close(sample.output.get(name).flip(0) / 255, picture[0], atol=1e-5, rtol=0)

    def test_each_loss_judges_what_it_should(self, model):
        images = self.training_inputs(model)
        losses = model(images, mode="loss")
        illumination, reflectance, denoised = model.generator(images["img"])
        _, other_reflectance, _ = model.generator(images["img2"])
        expected = dict(
            loss_consistency=model.consistency_loss(reflectance, other_reflectance),
            loss_retinex=model.retinex_loss(illumination, reflectance, denoised, images["img"]),
            loss_projection=model.projection_loss(denoised, images["img"]),
        )
        for name, loss in expected.items():
            torch.testing.assert_close(losses[name], loss, msg=name)

    def test_losses_are_computed_in_full_precision(self, model):
        with torch.autocast("cpu", torch.bfloat16):
            losses = model(self.training_inputs(model), mode="loss")
        assert {loss.dtype for loss in losses.values()} == {torch.float32}
