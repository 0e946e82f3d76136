import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from mmlle.apis import LowLightInferencer
from mmlle.deployment.export_cache import cache_folder, exported_file
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the cache folder of Linux")


@linux
def test_the_folder(tmp_path, monkeypatch):
    assert cache_folder() == tmp_path / "cache/mmlle/exported"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache/mmlle/exported"


@linux
def test_a_file_is_made_once_for_each_model(workspace):
    first = exported_file("config.py", "weights.pth")
    assert first.parent == cache_folder()
    assert first.name.startswith("config-")
    changed = first.stat().st_mtime_ns
    assert exported_file("config.py", "weights.pth") == first
    assert first.stat().st_mtime_ns == changed
    weights = torch.load("weights.pth")
    torch.save({name: 2 * value for name, value in weights.items()}, "weights.pth")
    second = exported_file("config.py", "weights.pth")
    Path("config.py").write_text(Path("config.py").read_text() + "\nlook = dict(exposure=0.5)\n")
    third = exported_file("config.py", "weights.pth")
    assert len({first, second, third}) == 3
    assert set(cache_folder().iterdir()) == {first, second, third}


@linux
@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_a_backend_makes_it_by_itself(workspace, backend):
    pytest.importorskip(backend)
    image = dark_image(20, 30)
    enhance = LowLightInferencer("config.py", "weights.pth", backend=backend)
    expected = LowLightInferencer("config.py", "weights.pth", "cpu")(image)
    assert np.abs(enhance(image).astype(int) - expected).max() <= 1
    assert len(list(cache_folder().iterdir())) == 1
    # From then on PyTorch is not needed.
    code = (
        "import sys; from mmlle.apis import LowLightInferencer\n"
        f"LowLightInferencer('config.py', 'weights.pth', backend={backend!r})\n"
        "print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split()[-1] == "False"


def test_an_unknown_model():
    with pytest.raises(UserError, match="There is no model 'retinex'"):
        exported_file("retinex")
