import pytest
import torch

from mmlle.models.utils import apply_light_curve
from mmlle.registry import MODELS
from mmlle.testing import tiny_zero_dce

from ...model_tester import BaseModelTester


class TestZeroDCE(BaseModelTester):
    config = staticmethod(tiny_zero_dce)
    losses = {"loss_spatial", "loss_color", "loss_exposure", "loss_smoothness"}

    def test_the_networks_maps_are_applied_as_a_curve(self, model):
        image = torch.rand(1, 3, 6, 9)
        maps = model.generator(image)
        assert maps.shape == (1, 9, 6, 9)
        torch.testing.assert_close(model(image), apply_light_curve(image, maps, steps=3))

    def test_each_loss_judges_what_it_should(self, model):
        image = self.inputs(model)
        maps, enhanced = model.generator(image), model(image)
        losses = model(image, mode="loss")
        torch.testing.assert_close(losses["loss_spatial"], model.spatial_loss(enhanced, image))
        torch.testing.assert_close(losses["loss_color"], model.color_loss(enhanced))
        torch.testing.assert_close(losses["loss_exposure"], model.exposure_loss(enhanced))
        torch.testing.assert_close(losses["loss_smoothness"], model.smoothness_loss(maps))

    @pytest.mark.parametrize("order", [1, 3])
    def test_the_order_is_an_option(self, model, order):
        other = MODELS.build({**self.config(), "order": order})
        other.load_state_dict(model.state_dict())
        image = torch.rand(1, 3, 4, 4)
        torch.testing.assert_close(other(image), apply_light_curve(image, model.generator(image), 3, order))

    def test_a_network_for_another_number_of_steps_is_refused(self):
        model = MODELS.build({**self.config(), "steps": 8})
        with pytest.raises(ValueError, match="8 steps.*1, 3 or 24.*9"):
            model(torch.rand(1, 3, 4, 4))

    def test_a_misspelt_loss_is_named(self):
        config = {**self.config(), "color_loss": dict(type="ColourLoss")}
        with pytest.raises(KeyError, match="ColourLoss is not in the"):
            MODELS.build(config)

    def test_the_curve_is_applied_in_full_precision(self, model):
        with torch.autocast("cpu", torch.bfloat16):
            enhanced, maps = model.brighten(torch.rand(1, 3, 8, 8))
            assert model.generator(torch.rand(1, 3, 8, 8)).dtype == torch.bfloat16
        assert enhanced.dtype == maps.dtype == torch.float32
