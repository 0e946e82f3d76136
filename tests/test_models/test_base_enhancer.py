import pytest
import torch
from mmagic.structures import DataSample

from mmlle.models import BaseEnhancer
from mmlle.testing import tiny_zero_dce

GENERATOR = tiny_zero_dce()["generator"]


class Brighter(BaseEnhancer):
    """Adds a half, and shows the difference beside the result."""

    def enhance(self, inputs):
        return inputs + 0.5

    def loss(self, inputs, data_samples=None):
        return dict(loss_mean=inputs.mean())

    def pictures(self, inputs):
        return dict(pred_img=self.enhance(inputs), added=torch.full_like(inputs, 0.5))


@pytest.fixture
def model():
    return Brighter(GENERATOR)


def rgb(*values, size=(2, 3)):
    return torch.tensor(values).view(1, 3, 1, 1).expand(1, 3, *size)


def colour(image):
    return image[:, 0, 0].tolist()


def test_the_modes(model):
    image = rgb(0.2, 0.4, 0.6)
    torch.testing.assert_close(model(image), image + 0.5)
    torch.testing.assert_close(model(image, mode="tensor"), image + 0.5)
    assert model(image, mode="loss")["loss_mean"].item() == pytest.approx(0.4)
    assert isinstance(model(image, mode="predict")[0], DataSample)


@pytest.mark.parametrize("mode", ["Tensor", "losses", "", None])
def test_any_other_mode_is_refused(model, mode):
    with pytest.raises(ValueError, match=f"'tensor', 'loss'.*'predict'.*{mode!r}"):
        model(rgb(0.2, 0.4, 0.6), mode=mode)


def test_predictions_are_bgr_clipped_and_of_every_picture(model):
    (sample,) = model(rgb(0.2, 0.4, 0.8), mode="predict")
    assert colour(sample.input) == pytest.approx([204, 102, 51])
    assert colour(sample.output.pred_img) == pytest.approx([255, 0.9 * 255, 0.7 * 255])
    assert colour(sample.output.added) == pytest.approx([127.5] * 3)


def test_predictions_keep_what_the_data_samples_bring(model):
    samples = [DataSample(metainfo=dict(key=key)) for key in ("a", "b")]
    images = [torch.full((3, 4, 5), value, dtype=torch.uint8) for value in (51, 102)]
    first, second = model.val_step(dict(inputs=images, data_samples=samples))
    assert (first.key, second.key) == ("a", "b")
    assert first.input.unique().tolist() == pytest.approx([51])
    assert second.input.unique().tolist() == pytest.approx([102])


def test_a_data_preprocessor_of_ones_own():
    model = Brighter(GENERATOR, data_preprocessor=dict(type="mmlle.EnhancerDataPreprocessor", std=51.0))
    batch = dict(inputs=[torch.full((3, 2, 2), 51, dtype=torch.uint8)], data_samples=[DataSample()])
    assert model.data_preprocessor(batch)["inputs"].unique().tolist() == [1]


def test_convolutions_are_channels_last(model):
    weight = model.generator.conv2.weight
    assert weight.is_contiguous(memory_format=torch.channels_last)
    seen = []
    model.enhance = seen.append
    model(torch.rand(1, 3, 4, 5))
    assert seen[0].is_contiguous(memory_format=torch.channels_last)


class Wrapper(torch.nn.Module):
    """What MMEngine puts around a network for several processes."""

    def __init__(self, module):
        super().__init__()
        self.module = module


def test_names_of_wrappers_are_not_in_checkpoints(model, monkeypatch):
    from mmengine.registry import MODEL_WRAPPERS
    from mmengine.runner.checkpoint import load_state_dict

    monkeypatch.setitem(MODEL_WRAPPERS._module_dict, "Wrapper", Wrapper)
    plain = {name: value.clone() for name, value in model.state_dict().items()}
    model.generator = Wrapper(model.generator)
    wrapped = model.state_dict()
    assert wrapped.keys() == plain.keys()
    assert torch.nn.Sequential(model).state_dict().keys() == {f"0.{name}" for name in plain}
    torch.nn.init.zeros_(model.generator.module.conv1.weight)
    load_state_dict(model, plain, strict=True)
    assert torch.equal(model.generator.module.conv1.weight, plain["generator.conv1.weight"])


def test_denormal_weights_are_zero_after_loading_whoever_loads(model):
    """mmengine has a loading function of its own."""
    from mmengine.runner.checkpoint import load_state_dict

    image = torch.rand(1, 3, 8, 8)
    with torch.no_grad():
        model.generator.conv1.weight[0, 0] = 1e-41
    state = {name: value.clone() for name, value in model.state_dict().items()}
    output = model.generator(image)
    for load in (lambda other: other.load_state_dict(state), lambda other: load_state_dict(other, state)):
        other = Brighter(GENERATOR)
        load(other)
        weight = other.generator.conv1.weight
        assert weight[0, 0].count_nonzero() == 0
        assert torch.equal(weight[1:], model.generator.conv1.weight[1:])
        assert torch.equal(other.generator(image), output)
