import pytest
import torch

from mmlle.models.utils import apply_light_curve
from mmlle.registry import MODELS
from mmlle.testing import tiny_sgz

from ...model_tester import BaseModelTester


@pytest.mark.filterwarnings("ignore:SemanticGuidanceLoss has no weights")
class TestSGZ(BaseModelTester):
    config = staticmethod(tiny_sgz)
    losses = {"loss_spatial", "loss_color", "loss_exposure", "loss_smoothness", "loss_semantic"}

    def test_one_map_serves_all_steps(self, model):
        image = torch.rand(1, 3, 6, 9)
        factor = model.generator(image)
        assert factor.shape == image.shape
        torch.testing.assert_close(model(image), apply_light_curve(image, factor, steps=8, order=2))

    def test_the_semantic_loss_judges_the_enhanced_image(self, model):
        image = self.inputs(model)
        loss = model(image, mode="loss")["loss_semantic"]
        torch.testing.assert_close(loss, model.semantic_loss(model(image)))
        # It can do nothing but through the image: the weights of the network learn from it.
        gradients = torch.autograd.grad(loss, list(model.generator.parameters()))
        assert all(g.abs().max() > 0 for g in gradients)

    def test_it_is_trained_without_semantics_too(self, model):
        other = MODELS.build({**self.config(), "semantic_loss": None}).eval()
        other.load_state_dict(model.state_dict(), strict=True)
        image = self.inputs(model)
        losses = other(image, mode="loss")
        assert set(losses) == self.losses - {"loss_semantic"}
        full = model(image, mode="loss")
        for name, loss in losses.items():
            torch.testing.assert_close(loss, full[name])

    def test_enhancing_needs_no_segmentor(self):
        model = MODELS.build(tiny_sgz(weights="nowhere.pth"))
        assert model(torch.rand(1, 3, 4, 4)).shape == (1, 3, 4, 4)
        assert model.semantic_loss.segmentor.network is None

    def test_with_a_scale_factor_the_network_gets_the_whole_image(self, model):
        generator = dict(self.config()["generator"], scale_factor=2)
        other = MODELS.build({**self.config(), "generator": generator}).eval()
        sizes = []
        other.generator.conv1.register_forward_pre_hook(lambda _, inputs: sizes.append(inputs[0].shape[-2:]))
        image = torch.rand(1, 3, 50, 240)
        with torch.no_grad():
            enhanced = other(image)
            half = other(image, strength=torch.full((1, 1, 50, 240), 0.5))
        assert sizes == 2 * [(25, 120)]
        # In bands or, where gradients are recorded, at once.
        torch.testing.assert_close(enhanced, other(image), atol=1e-5, rtol=0)
        torch.testing.assert_close(half, other.enhance_by(image, torch.tensor(0.5)), atol=1e-5, rtol=0)
