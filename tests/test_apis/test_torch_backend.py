import subprocess
import sys

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmlle.apis.torch_backend import TorchBackend
from mmlle.registry import MODELS
from mmlle.testing.models import tiny_enlightengan
from mmlle.utils.errors import UserError


@pytest.fixture
def backend(workspace):
    return TorchBackend("config.py", "weights.pth", "cpu")


def test_what_it_tells(backend, workspace):
    assert backend.scale == 1
    assert backend.look == {}
    assert backend.device == torch.device("cpu")
    assert not backend.model.training


@pytest.mark.parametrize("name", ["dark", "cuda:99"])
def test_a_device_that_is_not_there_is_told_before_weights_are_loaded(workspace, name):
    with pytest.raises(UserError, match=f"^Cannot compute on '{name}': .*such as cpu.$"):
        TorchBackend("config.py", "gone.pth", name)


def test_a_batch_by_strengths(backend, workspace):
    images = np.random.default_rng(0).random((2, 3, 9, 14), np.float32)
    strengths = np.array([0, 1], np.float32)[:, None, None, None]
    result = backend.enhance_batch(images, strengths)
    assert np.abs(result[0] - images[0]).max() < 1e-6
    with torch.no_grad():
        expected = workspace.model(torch.from_numpy(images[1:]))[0].clamp(0, 1)
    assert np.abs(result[1] - expected.numpy()).max() < 1e-6
    field = np.broadcast_to(strengths, (2, 1, 9, 14)).copy()
    assert np.allclose(backend.enhance_batch(images, field), result, atol=1e-6)


@pytest.mark.parametrize("scale", [1, 4])
def test_one_image_by_several_strengths_is_estimated_once(workspace, scale):
    backend = TorchBackend("config.py", "weights.pth", "cpu", scale=scale)
    image = np.random.default_rng(0).random((1, 3, 9, 14), np.float32)
    batches = []
    backend.model.generator.conv1.register_forward_hook(lambda _, inputs, __: batches.append(len(inputs[0])))
    for strengths in ([0, 0.5, 1, 1.6], [1, 1]):
        strengths = np.array(strengths, np.float32)[:, None, None, None]
        result = backend.enhance_batch(image, strengths)
        assert set(batches) == {1}
        copies = backend.enhance_batch(image.repeat(len(strengths), axis=0), strengths)
        assert result.shape == copies.shape
        assert np.abs(result - copies).max() < 1e-5
        batches.clear()


def test_a_scale(workspace):
    backend = TorchBackend("config.py", "weights.pth", "cpu", scale=4)
    assert backend.model.generator.scale_factor == 4


@pytest.mark.parametrize("model", ["global_curve", "enlightengan", "enhancenet_pat"])
def test_to_enhance_it_imports_nothing_that_takes_seconds_and_is_not_needed(model):
    code = (
        "import sys\n"
        "from mmlle.apis import LowLightInferencer\n"
        f"enhance = LowLightInferencer({model!r}, device='cpu')\n"
        "enhance(__import__('numpy').zeros((8, 8, 3), 'uint8'))\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('mmagic', 'torchvision')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_what_only_training_needs_is_not_built(tmp_path):
    config = dict(model=tiny_enlightengan(), default_scope="mmlle")
    Config(config).dump(tmp_path / "config.py")
    whole = MODELS.build(config["model"])
    torch.save(dict(state_dict=whole.state_dict()), tmp_path / "weights.pth")  # discriminators and all
    backend = TorchBackend(tmp_path / "config.py", tmp_path / "weights.pth", "cpu")
    parts = {name.partition(".")[0] for name, _ in backend.model.named_modules()} - {""}
    assert parts == {"data_preprocessor", "generator"}
    image = torch.rand(1, 3, 16, 16)
    torch.testing.assert_close(backend.model(image), whole.eval()(image))
