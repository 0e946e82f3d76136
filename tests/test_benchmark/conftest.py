import pytest
import torch
from mmengine.config import Config
from mmengine.device import get_device

from mmlle.benchmark.sides import ORIGINALS

from . import ROOT, made_up_originals

NAMES = {original.method: name for name, original in ORIGINALS.items()}


@pytest.fixture
def original_folder(tmp_path):
    """Write the made-up original of a method; gives its folder."""
    return lambda method: made_up_originals.write(method, tmp_path / method)


@pytest.fixture
def build(original_folder):
    """Build the made-up original of a method, always with the same weights, by our config of its model."""

    def build(method, **generator):
        model = Config.fromfile(ROOT / f"configs/_base_/models/{method}.py").model
        model.generator.update(generator)
        torch.manual_seed(0)
        return ORIGINALS[NAMES[method]](original_folder(method), model)

    return build


@pytest.fixture
def images():
    """Two images of a size, several by name."""

    def draw(*names, size=(32, 32)):
        batches = {name: torch.rand(2, 3, *size, device=get_device()) for name in names}
        return batches if len(names) > 1 else batches[names[0]]

    return draw
