import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

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

    def run(code):
        code = "import sys, numpy as np\nfrom mmlle.apis import LowLightInferencer\n" + code
        code = code.replace("BACKEND", repr(backend))
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return result.stdout.split()[-1]

    np.save("image.npy", dark_image(20, 30))
    # In a process of its own, as a user has it: the runtimes share libraries' names with PyTorch.
    difference = run(
        "image = np.load('image.npy')\n"
        "enhanced = LowLightInferencer('config.py', 'weights.pth', backend=BACKEND)(image)\n"
        "expected = LowLightInferencer('config.py', 'weights.pth', 'cpu')(image)\n"
        "print(np.abs(enhanced.astype(int) - expected).max())\n"
    )
    assert int(difference) <= 1
    assert len(list(cache_folder().iterdir())) == 1
    # From then on PyTorch is not needed.
    loaded = run(
        "LowLightInferencer('config.py', 'weights.pth', backend=BACKEND)\nprint('torch' in sys.modules)\n"
    )
    assert loaded == "False"


def test_an_unknown_model():
    with pytest.raises(UserError, match="There is no model 'retinex'"):
        exported_file("retinex")
