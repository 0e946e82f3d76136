import pytest
import torch
from mmengine.config import Config

from mmlle import testing
from mmlle.apis.torch_backend import TorchBackend
from mmlle.registry import MODELS

METHODS = ["global_curve", "sgz", "zero_dce", "pairlie", "enlightengan", "enhancenet"]


def make_model(folder, method, look=None, **changes):
    """Write config and weights of a tiny model of a method; gives the arguments of a backend."""
    config = getattr(testing, f"tiny_{method}")()
    config = {**config, **changes}
    if method == "sgz":
        config["semantic_loss"] = None
    torch.manual_seed(0)
    config = Config(dict(default_scope="mmlle", model=dict(config, type=f"mmlle.{config['type']}")))
    model = MODELS.build(config.model)
    # As after a training: what is drawn at first would do almost nothing.
    for parameter in model.generator.parameters():
        torch.nn.init.uniform_(parameter.data, -0.5, 0.5)
    if look is not None:
        config.look = look
    config.dump(folder / f"{method}.py")
    torch.save(model.state_dict(), folder / f"{method}.pth")
    return str(folder / f"{method}.py"), str(folder / f"{method}.pth"), "cpu"


@pytest.fixture(scope="session")
def make_backend(tmp_path_factory):
    """A tiny model of a method in PyTorch."""
    made = {}

    def make(method):
        if method not in made:
            made[method] = TorchBackend(*make_model(tmp_path_factory.mktemp(method), method))
        return made[method]

    return make


@pytest.fixture(scope="session")
def exported(make_backend):
    """What is in the exported file of a tiny model."""
    from mmlle.deployment.export import render_onnx

    made = {}

    def export(method):
        if method not in made:
            made[method] = render_onnx(make_backend(method))
        return made[method]

    return export
