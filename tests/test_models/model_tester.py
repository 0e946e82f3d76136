import copy
from importlib import import_module

import pytest
import torch
from mmagic.structures import DataSample
from mmengine.optim import OptimWrapper

from mmlle.registry import MODELS
from mmlle.testing import dark_image

# The package gives the function of this name.
TILES = import_module("mmlle.models.utils.tiled_forward")


def peak_memory(function):
    """Largest sum of bytes that PyTorch had allocated during a call."""
    with torch.profiler.profile(
        activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True
    ) as profile:
        function()
    now = peak = 0
    for event in profile.profiler.kineto_results.events():
        if event.name() == "[memory]":
            now += event.nbytes()
            peak = max(peak, now)
    return peak


SIZES = [(1, 1), (7, 5), (1, 300), (37, 53)]


@pytest.mark.filterwarnings("ignore:SemanticGuidanceLoss has no weights")
class BaseModelTester:
    """What every model must do. A model's own tests subclass it and say:

    Attributes:
        config: Makes the config of a tiny model.
        losses: Names of its losses.
        trained: Names of the sub-modules that are trained, and saved in checkpoints.
        scale: By how much the model enlarges.
    """

    config: staticmethod
    losses: set[str]
    trained: set[str] = {"generator"}
    scale: int = 1

    @pytest.fixture
    def model(self):
        torch.manual_seed(0)
        model = MODELS.build(self.config())
        model.init_weights()
        return model.eval()

    @staticmethod
    def batch(size=(32, 40), count=2):
        """What a data loader gives."""
        images = [torch.from_numpy(dark_image(*size, seed=seed)).permute(2, 0, 1) for seed in range(count)]
        names = [DataSample(metainfo=dict(img_path=f"{seed}.png", key=str(seed))) for seed in range(count)]
        return dict(inputs=images, data_samples=names)

    def pack(self, image):
        """What a model trains on, made of an image; a method that needs several says so."""
        return image

    def training_batch(self):
        batch = self.batch()
        return dict(batch, inputs=[self.pack(image) for image in batch["inputs"]])

    def training_inputs(self, model):
        return model.data_preprocessor(self.training_batch(), training=True)["inputs"]

    def inputs(self, model, size=(32, 40)):
        return model.data_preprocessor(self.batch(size), training=True)["inputs"]

    def losses_of(self, model, image=None):
        inputs = self.training_inputs(model) if image is None else self.pack(image)
        return model(inputs, mode="loss")

    def trained_parameters(self, model):
        return {
            name: value for name, value in model.named_parameters() if name.partition(".")[0] in self.trained
        }

    @pytest.mark.parametrize("size", SIZES)
    def test_tensors_keep_their_size(self, model, size):
        enhanced = model(torch.rand(2, 3, *size), mode="tensor")
        assert enhanced.shape == (2, 3, self.scale * size[0], self.scale * size[1])
        assert enhanced.isfinite().all()

    def test_tensors_are_not_clamped(self, model):
        assert model(torch.full((1, 3, 8, 8), 1.5)).max() > 1

    def test_tiles_give_the_numbers_of_the_whole_image(self, model, monkeypatch):
        monkeypatch.setattr(TILES, "tile_side", lambda *_: 96)
        overlap = model.generator.receptive_radius
        overlap += -overlap % getattr(model.generator, "size_multiple", 1)
        image = torch.rand(1, 3, 37, 96 + 2 * overlap + 9)
        widths = []
        model.generator.register_forward_pre_hook(lambda _, inputs: widths.append(inputs[0].shape[-1]))
        with torch.no_grad():
            enhanced = model(image)
            (predicted,) = model(image, mode="predict")
        assert len(widths) > 2
        assert max(widths) <= 96 + 2 * overlap
        widths.clear()
        whole = model(image)
        assert widths == [image.shape[-1]]
        torch.testing.assert_close(enhanced, whole, atol=1e-5, rtol=0)
        for name, picture in model.pictures(image).items():
            expected = 255 * picture[0].flip(0).clamp(0, 1)
            torch.testing.assert_close(predicted.output.get(name), expected, atol=3e-3, rtol=0)

    def test_the_memory_that_tiles_are_planned_by_is_the_one_needed(self, model):
        pixel_bytes = []
        for side in (64, 128):
            image = torch.rand(1, 3, side, side).contiguous(memory_format=torch.channels_last)
            field = torch.rand(1, 1, side, side)
            with torch.no_grad():
                peak = peak_memory(lambda image=image, field=field: model.enhance_by(image, field))
            pixel_bytes.append(peak / side**2)
        assert 0.4 * pixel_bytes[1] < model.generator.pixel_bytes < 1.6 * pixel_bytes[1]

    def unenhanced(self, model, image):
        """What a strength of zero gives."""
        return image

    @torch.no_grad()
    def test_a_strength_leads_from_the_input_to_the_output_as_trained(self, model):
        image = torch.rand(2, 3, 9, 11)
        as_trained, start = model(image), self.unenhanced(model, image)
        assert torch.equal(model(image, strength=torch.zeros(1)), start)
        torch.testing.assert_close(model(image, strength=torch.ones(1)), as_trained, atol=1e-6, rtol=0)
        steps = [model(image, strength=torch.tensor(s)) for s in (0.0, 1e-3, 0.5, 0.501, 1.6)]
        assert (steps[1] - steps[0]).abs().max() < 0.01
        assert (steps[3] - steps[2]).abs().max() < 0.01
        assert all(step.isfinite().all() for step in steps)
        assert (steps[2] - start).abs().mean() > 1e-5

    @torch.no_grad()
    def test_a_field_of_strengths_acts_on_each_pixel_in_tiles_too(self, model, monkeypatch):
        monkeypatch.setattr(TILES, "tile_side", lambda *_: 96)
        image = torch.rand(1, 3, 20, 430)
        field = torch.rand(1, 1, 20, 430)
        field[..., :200] = 0
        adjusted = model(image, strength=field)
        expected = model.enhance_by(image, field)
        torch.testing.assert_close(adjusted, expected, atol=1e-5, rtol=0)
        left = self.unenhanced(model, image)[..., : 150 * self.scale]
        torch.testing.assert_close(adjusted[..., : 150 * self.scale], left, atol=1e-6, rtol=0)

    def test_images_do_not_see_each_other(self, model):
        images = torch.rand(3, 3, 9, 11)
        together, alone = model(images), torch.cat([model(image[None]) for image in images])
        torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)

    @pytest.mark.parametrize("size", SIZES)
    def test_predictions_are_8_bit_pictures_of_the_same_size(self, model, size):
        batch = self.batch(size)
        with torch.no_grad():
            predictions = model.test_step(batch)
            expected = model(self.inputs(model, size)).clamp(0, 1) * 255
        assert [sample.img_path for sample in predictions] == ["0.png", "1.png"]
        for sample, image, enhanced in zip(predictions, self.batch(size)["inputs"], expected, strict=True):
            torch.testing.assert_close(sample.input, image.float())
            assert sample.output.pred_img.shape == (3, self.scale * size[0], self.scale * size[1])
            torch.testing.assert_close(sample.output.pred_img.flip(0), enhanced)  # BGR

    def test_losses_are_finite_scalars_by_name(self, model):
        losses = self.losses_of(model)
        assert set(losses) == self.losses
        for name, loss in losses.items():
            assert loss.shape == (), name
            assert loss.isfinite(), name
            assert loss.item() > 0, name

    def test_gradient_reaches_every_trained_weight_and_nothing_else(self, model):
        sum(self.losses_of(model).values()).backward()
        for name, weight in self.trained_parameters(model).items():
            assert weight.grad.isfinite().all(), name
            assert weight.grad.abs().max() > 0, name
        others = set(dict(model.named_parameters())) - set(self.trained_parameters(model))
        assert not others

    def test_each_loss_has_a_finite_gradient_even_for_a_black_image(self, model):
        weights = list(self.trained_parameters(model).values())
        for name, loss in self.losses_of(model, torch.zeros(1, 3, 32, 32)).items():
            gradients = torch.autograd.grad(loss, weights, retain_graph=True, allow_unused=True)
            assert all(g.isfinite().all() for g in gradients if g is not None), name

    def test_a_checkpoint_holds_what_is_trained_and_restores_the_model(self, model):
        state = copy.deepcopy(model.state_dict())
        assert {name.partition(".")[0] for name in state} == self.trained
        torch.manual_seed(1)
        other = MODELS.build(self.config()).eval()
        image = torch.rand(1, 3, 9, 7)
        assert not torch.equal(other(image), model(image))
        other.load_state_dict(state, strict=True)
        assert torch.equal(other(image), model(image))

    def test_a_training_step_logs_every_loss_and_changes_every_weight(self, model):
        parameters = self.trained_parameters(model)
        before = {name: value.detach().clone() for name, value in parameters.items()}
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
        logged = model.train().train_step(self.training_batch(), OptimWrapper(optimizer))
        assert set(logged) == self.losses | {"loss"}
        parts = sum(logged[name].item() for name in self.losses)
        assert logged["loss"].item() == pytest.approx(parts, rel=1e-5)
        for name, value in parameters.items():
            assert not torch.equal(value, before[name]), name

    def test_an_unknown_mode_is_refused(self, model):
        with pytest.raises(ValueError, match="'tensor', 'loss'.*'predict'.*'losses'"):
            model(torch.rand(1, 3, 4, 4), mode="losses")
