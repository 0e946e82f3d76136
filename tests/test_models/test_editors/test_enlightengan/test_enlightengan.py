import copy
from contextlib import contextmanager

import pytest
import torch
from mmagic.structures import DataSample
from mmengine.logging import MessageHub
from mmengine.optim import OptimWrapper, OptimWrapperDict
from torch import nn

from mmlle.engine import BFloat16OptimWrapper
from mmlle.models import EnlightenGAN
from mmlle.registry import MODELS
from mmlle.testing import dark_image, tiny_enlightengan
from mmlle.utils.errors import ImageSizeError, UserError

from ...model_tester import SIZES, BaseModelTester

pytestmark = pytest.mark.filterwarnings("ignore:VGGFeatures has no weights")

ACCURACIES = {f"accuracy_{kind}_{network}" for kind in ("real", "fake") for network in ("global", "local")}
OWN = ("color", "highlight", "exposure", "reconstruction")
GENERATOR_LOSSES = {f"loss_{name}" for name in ("global", "local", "feature", "feature_local", *OWN)}


def optim_wrappers(model, wrapper=OptimWrapper, lr=1e-3, **options):
    return OptimWrapperDict(
        **{
            name: wrapper(torch.optim.Adam(getattr(model, name).parameters(), lr=lr), **options)
            for name in ("generator", "discriminator")
        }
    )


def state(network):
    return copy.deepcopy(network.state_dict())


def same(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())


class TestEnlightenGAN(BaseModelTester):
    config = staticmethod(tiny_enlightengan)
    losses = {*GENERATOR_LOSSES, "loss_disc_global", "loss_disc_local"}
    trained = {"generator", "discriminator"}

    def pack(self, image):
        normal = image.flip(-1)
        return dict(img=image, darkened=image / 2, normal=normal, darkened_normal=normal / 3)

    def test_a_training_step_logs_every_loss_and_changes_every_weight(self, model):
        before = {name: value.detach().clone() for name, value in self.trained_parameters(model).items()}
        logged = model.train().train_step(self.training_batch(), optim_wrappers(model))
        assert set(logged) == self.losses | ACCURACIES
        for name in ACCURACIES:
            assert 0 <= logged[name] <= 1, name
        for name, value in self.trained_parameters(model).items():
            assert not torch.equal(value, before[name]), name

    @pytest.mark.parametrize("size", [*SIZES, (250, 333)])
    def test_tensors_keep_their_size(self, model, size):
        assert model(torch.rand(1, 3, *size), mode="tensor").shape == (1, 3, *size)


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = MODELS.build(tiny_enlightengan())
    model.init_weights()
    return model.train()


def batch(count=3, size=(40, 48)):
    def images(name):
        seeds = range(count) if name == "img" else range(10, 10 + count)
        pictures = [torch.from_numpy(dark_image(*size, seed=seed)).permute(2, 0, 1) for seed in seeds]
        return [image * 3 for image in pictures] if name == "normal" else pictures

    inputs = dict(img=images("img"), normal=images("normal"))
    inputs["darkened"] = [image / 3 for image in inputs["img"]]
    inputs["darkened_normal"] = [image / 4 for image in inputs["normal"]]
    return dict(inputs=inputs, data_samples=[DataSample() for _ in range(count)])


def tensors(model):
    return model.data_preprocessor(batch(), training=True)["inputs"]


class TestWhoIsTrained:
    def test_the_generator_s_step_changes_no_discriminator_and_the_reverse(self, model):
        wrappers = optim_wrappers(model)
        seen = {}
        for name, wrapper in wrappers.items():
            update = wrapper.update_params

            def spy(loss, name=name, update=update):
                before = {part: state(getattr(model, part)) for part in wrappers.keys()}  # noqa: SIM118
                update(loss)
                seen[name] = {part: same(before[part], getattr(model, part).state_dict()) for part in before}

            wrapper.update_params = spy
        model.train_step(batch(), wrappers)
        assert seen == dict(
            generator=dict(generator=False, discriminator=True),
            discriminator=dict(generator=True, discriminator=False),
        )
        assert list(seen) == ["generator", "discriminator"]

    def test_neither_leaves_a_gradient_for_the_other(self, model):
        wrappers = optim_wrappers(model)
        grads = {}
        for name, wrapper in wrappers.items():
            update = wrapper.backward

            def spy(loss, name=name, backward=update):
                backward(loss)
                grads[name] = {
                    part
                    for part in ("generator", "discriminator")
                    if any(p.grad is not None for p in getattr(model, part).parameters())
                }
                for part in ("generator", "discriminator"):
                    if part != name:
                        assert all(
                            p.grad is None or not p.grad.any() for p in getattr(model, part).parameters()
                        ), part

            wrapper.backward = spy
        model.train_step(batch(), wrappers)
        assert "generator" in grads["generator"]
        assert "discriminator" in grads["discriminator"]

    def test_the_features_stay_as_they_are_and_outside(self, model):
        network = model.feature_loss.features.network.network
        before = state(network)
        wrappers = optim_wrappers(model)
        for _ in range(2):
            model.train_step(batch(), wrappers)
        assert same(before, network.state_dict())
        ids = {id(p) for p in network.parameters()}
        optimised = [p for w in wrappers.values() for group in w.param_groups for p in group["params"]]
        assert not ids & {id(p) for p in optimised}
        assert not any("feature" in name for name in model.state_dict())

    def test_the_gain_acts_outside_of_training(self):
        torch.manual_seed(0)
        model = MODELS.build(dict(tiny_enlightengan(), gain=1.5))
        image = torch.rand(1, 3, 32, 48)
        added = model.generator.eval()(image) - image
        torch.testing.assert_close(model.eval()(image), image + 1.5 * added, atol=1e-5, rtol=1e-5)
        model.train().generator.eval()
        torch.testing.assert_close(model.enhance(image), image + added)


class TestLosses:
    def test_each_judges_what_it_should(self, model):
        model.eval()  # the statistics of a batch change with each pass
        inputs = tensors(model)
        low, dark, normal = inputs["img"], inputs["darkened"], inputs["normal"]
        corners = [(0, 3), (20, 11)]
        enhanced = model(dark)
        cut = lambda image: torch.cat([image[..., y : y + 16, x : x + 16] for y, x in corners])  # noqa: E731
        judge, judge_patch = model.discriminator.global_network, model.discriminator.local_network
        real, fake = judge(normal), judge(enhanced)
        real_patch, fake_patch = judge_patch(cut(normal)), judge_patch(cut(enhanced))

        reconstructed = model(inputs["darkened_normal"])
        losses = model.generator_losses(enhanced, low, normal, corners, reconstructed)
        gap = (real - fake.mean()).square().mean() + (fake - real.mean() - 1).square().mean()
        expected = dict(
            loss_global=gap / 2,
            loss_local=(fake_patch - 1).square().mean(),
            loss_feature=model.feature_loss(enhanced, low),
            loss_feature_local=model.feature_loss(cut(enhanced), cut(low)),
            loss_color=model.color_loss(enhanced, low),
            loss_highlight=model.highlight_loss(enhanced, low),
            loss_exposure=model.exposure_loss(enhanced),
            loss_reconstruction=(reconstructed - normal).abs().mean(),
        )
        torch.testing.assert_close(losses, expected)

        losses, accuracies = model.discriminator_losses(enhanced, normal, corners)
        gap = (real - fake.mean() - 1).square().mean() + (fake - real.mean()).square().mean()
        expected = dict(
            loss_disc_global=gap / 2,
            loss_disc_local=((real_patch - 1).square().mean() + fake_patch.square().mean()) / 2,
        )
        torch.testing.assert_close(losses, expected)
        expected = dict(
            accuracy_real_global=(real > fake.mean()).float().mean(),
            accuracy_fake_global=(fake < real.mean()).float().mean(),
            accuracy_real_local=(real_patch > 0.5).float().mean(),
            accuracy_fake_local=(fake_patch < 0.5).float().mean(),
        )
        torch.testing.assert_close(accuracies, expected)

    def test_the_local_loss_is_the_mean_over_the_patches(self, model):
        inputs = tensors(model)
        corners = [(0, 3), (20, 11), (24, 32)]
        enhanced = inputs["img"] + 0.2
        whole = model.generator_losses(enhanced, inputs["img"], inputs["normal"], corners)
        parts = [model.generator_losses(enhanced, inputs["img"], inputs["normal"], [c]) for c in corners]
        for name in ("loss_local", "loss_feature_local"):
            torch.testing.assert_close(whole[name], sum(part[name] for part in parts) / 3)

    def test_without_terms_of_our_own_it_is_the_papers(self):
        config = tiny_enlightengan()
        for name in OWN:
            del config[f"{name}_loss"]
        model = MODELS.build(config)
        assert not {f"loss_{name}" for name in OWN} & model.loss(tensors(model)).keys()

    def test_darkened_photographs_are_to_come_back(self, model):
        model.eval()
        inputs = tensors(model)
        inputs["darkened_normal"] = inputs["normal"].clone()
        model.generator.forward = lambda images: images  # adds nothing
        assert model.loss(inputs)["loss_reconstruction"] == 0
        inputs["darkened_normal"] = inputs["normal"] - 0.25
        assert model.loss(inputs)["loss_reconstruction"].item() == pytest.approx(0.25)

    def test_without_darkening_the_image_itself_is_enhanced(self, model):
        model.eval()
        inputs = tensors(model)
        given = model.loss(dict(inputs, darkened=inputs["img"]))
        del inputs["darkened"]
        torch.testing.assert_close(model.loss(inputs), given)


class TestTrainStep:
    def test_it_learns(self, model):
        """Against a discriminator that stays as it is, the generator's loss goes down."""
        wrappers = optim_wrappers(model)
        wrappers["discriminator"].optimizer.param_groups[0]["lr"] = 0
        logged = [model.train_step(batch(), wrappers) for _ in range(30)]
        first, last = (
            sum(step[name].item() for name in GENERATOR_LOSSES) for step in (logged[0], logged[-1])
        )
        assert last < 0.95 * first

    def test_the_discriminators_get_the_image_that_the_generator_was_judged_by(self, model):
        images = []
        model.generator.register_forward_hook(lambda module, inputs, output: images.append(output))
        seen = []
        model.discriminator.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
        model.train_step(batch(), optim_wrappers(model))
        assert len(images) == 1
        assert len(seen) == 2
        assert torch.equal(seen[0], images[0][:3])
        assert torch.equal(seen[1][3:], images[0][:3])
        assert torch.equal(seen[1][:3], tensors(model)["normal"])
        assert not seen[1].requires_grad

    @pytest.mark.usefixtures("run_state")
    def test_the_patches_depend_on_the_iteration_and_on_nothing_that_was_drawn_before(self, model):
        hub = MessageHub.get_current_instance()
        drawn = []
        draw = model.discriminator.draw_corners
        model.discriminator.draw_corners = lambda *inputs: drawn.append(draw(*inputs)) or drawn[-1]
        for iteration in (3, 4, 3):
            hub.update_info("iter", iteration)
            torch.rand(iteration)
            model.train_step(batch(), optim_wrappers(model))
        assert drawn[0] == drawn[2]
        assert drawn[0] != drawn[1]

    @pytest.mark.parametrize("size", [(33, 47), (16, 90)])
    def test_odd_crops(self, model, size):
        logged = model.train_step(batch(size=size), optim_wrappers(model))
        assert all(value.isfinite() for value in logged.values())

    def test_mixed_precision(self, model):
        expected = copy.deepcopy(model).train_step(batch(), optim_wrappers(model, lr=0))
        logged = model.train_step(batch(), optim_wrappers(model, BFloat16OptimWrapper, lr=0))
        for name in expected:
            if name.startswith("loss"):
                assert logged[name].dtype == torch.float32
                assert logged[name].item() == pytest.approx(expected[name].item(), rel=0.05, abs=0.01)

    def test_gradients_are_accumulated(self, model):
        wrappers = optim_wrappers(model, accumulative_counts=2)
        before = state(model)
        model.train_step(batch(), wrappers)
        trained = dict(model.named_parameters())
        assert all(torch.equal(before[name], value) for name, value in trained.items())
        model.train_step(batch(), wrappers)
        assert not any(torch.equal(before[name], value) for name, value in trained.items())

    def test_convolutions_and_images_are_channels_last(self, model):
        for network in (model.generator, model.discriminator, model.feature_loss.features.network.network):
            for module in network.modules():
                if isinstance(module, nn.Conv2d) and module.in_channels > 1:
                    assert module.weight.is_contiguous(memory_format=torch.channels_last)


class TestRefused:
    def test_a_patch_larger_than_the_crop(self, model):
        with pytest.raises(ImageSizeError, match="16x16.*15x40"):
            model.train_step(batch(size=(15, 40)), optim_wrappers(model))

    def test_a_reconstruction_of_nothing(self, model):
        data = batch()
        del data["inputs"]["darkened_normal"]
        with pytest.raises(UserError, match="needs `darkened_normal`.* packs only img, normal, darkened:"):
            model.train_step(data, optim_wrappers(model))

    def test_low_and_normal_images_of_different_sizes(self, model):
        data = batch()
        data["inputs"]["normal"] = batch(size=(48, 40))["inputs"]["normal"]
        with pytest.raises(ImageSizeError, match=r"\(3, 3, 40, 48\) and \(3, 3, 48, 40\)"):
            model.train_step(data, optim_wrappers(model))


def test_within_several_processes_the_generator_s_turn_does_not_wait_for_the_discriminators(model):
    """MMEngine wraps each network by itself; that of the discriminators may see their own turn only."""
    calls = []

    class Wrapper(nn.Module):
        def __init__(self, module):
            super().__init__()
            self.module = module

        def forward(self, *inputs):
            calls.append(all(p.requires_grad for p in self.module.parameters()))
            return self.module(*inputs)

    @contextmanager
    def as_wrapper():
        from mmengine.registry import MODEL_WRAPPERS

        MODEL_WRAPPERS.register_module(name="TestWrapper", module=Wrapper)
        try:
            yield
        finally:
            MODEL_WRAPPERS._module_dict.pop("TestWrapper")

    wrappers = optim_wrappers(model)
    with as_wrapper():
        model.discriminator = Wrapper(model.discriminator)
        model.train_step(batch(), wrappers)
    assert calls == [True]


def test_it_is_registered():
    assert isinstance(MODELS.build(tiny_enlightengan()), EnlightenGAN)
