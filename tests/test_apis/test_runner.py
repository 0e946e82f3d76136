import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmlle.apis import LowLightInferencer
from mmlle.apis.runner import StrictRunner
from mmlle.cli import test, train
from mmlle.registry import MODELS
from mmlle.testing import tiny_enlightengan
from mmlle.utils.checkpoint_io import UnfitCheckpointError

WITHOUT_VALIDATION = ["val_cfg=None", "val_dataloader=None", "val_evaluator=None"]
TRAIN = ["config.py", "--work-dir", "run", "--cfg-options", *WITHOUT_VALIDATION]


@pytest.fixture
def another_methods(workspace):
    torch.save(MODELS.build(tiny_enlightengan()).state_dict(), "gan.pth")
    return "gan.pth"


@pytest.fixture
def half(workspace):
    state = workspace.model.state_dict()
    torch.save(dict(list(state.items())[::2]), "half.pth")
    return "half.pth"


@pytest.fixture
def not_finite(workspace):
    state = workspace.model.state_dict()
    state["generator.conv2.bias"][0] = float("nan")
    torch.save(state, "nan.pth")
    return "nan.pth"


class TestLoadFrom:
    def test_given_weights(self, workspace):
        train.main([*TRAIN, "load_from=weights.pth", "optim_wrapper.optimizer.lr=0"])
        state = torch.load("run/epoch_1.pth", weights_only=True)["state_dict"]
        for name, value in workspace.model.state_dict().items():
            assert torch.equal(state[name], value), name

    @pytest.mark.parametrize("kind", ["another_methods", "half", "not_finite"])
    def test_what_does_not_fit_ends_the_training_with_one_message(self, stopped, kind, request, workspace):
        path = request.getfixturevalue(kind)
        message = stopped(train.main, [*TRAIN, f"load_from={path}"])
        assert message.startswith(f"Error: {path} ")
        assert ("does not fit the model of config.py" in message) == (kind != "not_finite")
        assert "generator." in message
        assert "\n" not in message
        assert not [name for name in workspace.files("run") if name.endswith(".pth")]


class TestResume:
    @pytest.fixture
    def checkpoint(self, workspace):
        train.main(TRAIN)
        return torch.load("run/epoch_1.pth", weights_only=True)

    def resume(self, stopped):
        options = [*TRAIN[3:], "train_cfg.max_epochs=2"]
        return stopped(train.main, ["config.py", "--work-dir", "new", "--resume", "given.pth", *options])

    def test_every_weight_is_needed(self, checkpoint, stopped):
        del checkpoint["state_dict"]["generator.conv3.bias"]
        torch.save(checkpoint, "given.pth")
        message = self.resume(stopped)
        assert message.startswith("Error: given.pth does not fit")
        assert "generator.conv3.bias" in message

    def test_weights_must_be_finite(self, checkpoint, stopped):
        checkpoint["state_dict"]["generator.conv3.bias"][1] = float("inf")
        torch.save(checkpoint, "given.pth")
        assert "generator.conv3.bias" in self.resume(stopped)

    def test_a_training_that_has_ended_is_named(self, checkpoint, capfd):
        train.main([*TRAIN, "--resume"])
        assert "run has ended already, after 2 iterations" in capfd.readouterr().out

    def test_it_needs_the_discriminator_too(self, workspace):
        model = MODELS.build(tiny_enlightengan())
        runner = StrictRunner(model, work_dir="gan", experiment_name="gan")
        torch.save(model.generator.state_dict(prefix="generator."), "generator.pth")
        runner.load_checkpoint("generator.pth")
        runner._resume = True
        with pytest.raises(UnfitCheckpointError, match=r"generator\.pth.*missing.*discriminator\."):
            runner.load_checkpoint("generator.pth")


class TestOthers:
    """What is refused is the same where nothing is trained."""

    @pytest.mark.parametrize("kind", ["another_methods", "half", "not_finite"])
    def test_testing(self, stopped, kind, request):
        path = request.getfixturevalue(kind)
        message = stopped(test.main, ["config.py", path, "--work-dir", "run"])
        assert message.startswith(f"Error: {path} ")
        assert "generator." in message
        assert "\n" not in message

    @pytest.mark.parametrize("kind", ["another_methods", "half", "not_finite"])
    def test_enhancing(self, kind, request):
        path = request.getfixturevalue(kind)
        with pytest.raises(UnfitCheckpointError, match=rf"^{path} .*generator\."):
            LowLightInferencer("config.py", path, device="cpu")

    def test_converted_weights_of_a_gan_enhance(self, workspace):
        torch.manual_seed(0)
        model = MODELS.build(tiny_enlightengan()).eval()
        torch.save(dict(state_dict=model.generator.state_dict(prefix="generator.")), "converted.pth")
        Config(dict(default_scope="mmlle", model=tiny_enlightengan())).dump("gan.py")
        enhance = LowLightInferencer("gan.py", "converted.pth", device="cpu")
        for one, other in zip(
            enhance.backend.model.generator.state_dict().values(),
            model.generator.state_dict().values(),
            strict=True,
        ):
            assert torch.equal(one, other)
        assert enhance(np.zeros((16, 16, 3), np.uint8)).shape == (16, 16, 3)


def test_nothing_warns_of_a_registry_that_is_not_there(workspace):
    """MMEngine would, for each that the package does not name, and use another one."""
    train.main([*TRAIN[:3], "--cfg-options", "model.init_cfg.type=Normal", "model.init_cfg.layer=Conv2d"])
    (log,) = workspace.folder.glob("run/*/*.log")
    assert "Failed to search registry" not in log.read_text()
