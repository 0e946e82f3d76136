import pytest
import torch
from mmagic.structures import DataSample

from mmlle.models.utils import apply_light_curve
from mmlle.testing import tiny_global_curve

from ...model_tester import BaseModelTester


class TestGlobalCurve(BaseModelTester):
    config = staticmethod(tiny_global_curve)
    losses = {"loss_pixel", "loss_highlight"}

    def losses_of(self, model, image=None):
        inputs = self.training_inputs(model) if image is None else self.pack(image)
        return model(inputs, DataSample(gt_img=1 - inputs), mode="loss")

    def training_batch(self):
        batch = self.batch()
        for image, sample in zip(batch["inputs"], batch["data_samples"], strict=True):
            sample.set_tensor_data(dict(gt_img=255 - image))
        return batch

    def test_tiles_give_the_numbers_of_the_whole_image(self, model):
        """It has none: the curve is that of the whole photograph."""
        image = torch.rand(1, 3, 37, 300)
        sizes = []
        model.generator.register_forward_pre_hook(lambda _, inputs: sizes.append(inputs[0].shape[-2:]))
        with torch.no_grad():
            model(image)
        assert sizes == [(37, 300)]

    test_the_memory_that_tiles_are_planned_by_is_the_one_needed = None  # without tiles

    def test_the_curve_is_the_same_for_all_pixels_and_channels(self, model):
        image = torch.rand(2, 3, 6, 9)
        parameter = model.generator(image)
        assert parameter.shape == (2, 1, 1, 1)
        expected = apply_light_curve(image, -parameter.expand(2, 3, 6, 9), steps=3)
        torch.testing.assert_close(model(image), expected)
        values, order = image[0].flatten().sort()
        assert (model(image)[0].flatten()[order].diff() >= 0).all()

    @torch.no_grad()
    def test_the_largest_strength_adds_a_quarter_to_the_parameter(self, model):
        image = torch.rand(1, 3, 6, 9)
        for bias, expected in ((-9.0, 0.25), (9.0, 1.0)):
            model.generator.linear.bias.data.fill_(bias)
            brightest = apply_light_curve(image, torch.full_like(image, -expected), steps=3)
            found = model(image, strength=torch.tensor(1.6))
            torch.testing.assert_close(found, brightest, atol=2e-3, rtol=0)
        model.generator.linear.bias.data.zero_()
        lumas = [model(image, strength=torch.tensor(s)).mean() for s in (0, 0.5, 1, 1.2, 1.4, 1.6)]
        assert all(later > earlier for earlier, later in zip(lumas, lumas[1:], strict=False))

    def test_the_loss_compares_with_the_photograph(self, model):
        image = self.inputs(model)
        truth = torch.rand_like(image)
        losses = model(image, DataSample(gt_img=truth), mode="loss")
        torch.testing.assert_close(losses["loss_pixel"], (model(image) - truth).abs().mean())
        torch.testing.assert_close(losses["loss_highlight"], model.highlight_loss(model(image), image))
        with pytest.raises(ValueError, match="give gt_img"):
            model(image, mode="loss")
