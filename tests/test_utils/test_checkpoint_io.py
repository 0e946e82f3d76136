import _thread
import collections
import functools
import http.server
import importlib
import marshal
import operator
import os
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer
from mmengine.model import BaseModel
from mmengine.registry import MODEL_WRAPPERS
from torch import nn

from mmlle.registry import MODELS
from mmlle.testing import tiny_enhancenet, tiny_enhancenet_pat, tiny_enlightengan, tiny_zero_dce
from mmlle.utils import checkpoint_io
from mmlle.utils.checkpoint_io import (
    CheckpointError,
    DamagedCheckpointError,
    UnfitCheckpointError,
    UntrustedCheckpointError,
    check_weights,
    load_weights,
    read_checkpoint,
    trust_checkpoints,
    write_checkpoint,
)
from mmlle.version import __version__


def test_what_is_written_can_be_loaded_safely(tmp_path):
    path = tmp_path / "new/weights.pth"
    write_checkpoint(path, {"a": torch.ones(2)}, {"epoch": 3})
    loaded = torch.load(path, weights_only=True)
    assert torch.equal(loaded["state_dict"]["a"], torch.ones(2))
    assert loaded["meta"] == {"epoch": 3, "mmlle_version": __version__}


def test_denormals_are_written_as_zeros_and_the_weights_given_stay(tmp_path):
    weight = torch.tensor([1e-40, 1.0])
    write_checkpoint(tmp_path / "weights.pth", {"a": weight}, {})
    assert torch.load(tmp_path / "weights.pth", weights_only=True)["state_dict"]["a"].tolist() == [0, 1]
    assert weight[0] != 0


class Payload:
    """Leaves a folder behind when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


class Call:
    """Calls a function when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


#: Ways to have a folder made by who unpickles a file, by what they are.
CARRIERS = {
    "os.system": lambda path: Call(os.system, f"mkdir '{path}'"),
    "subprocess": lambda path: Call(subprocess.call, ["mkdir", path]),
    "eval": lambda path: Call(eval, f"__import__('os').mkdir({path!r})"),
    "exec": lambda path: Call(exec, f"import os; os.mkdir({path!r})"),
    "import": lambda path: Call(importlib.import_module, "this"),
    "getattr": lambda path: Call(getattr, Call(importlib.import_module, "os"), "mkdir"),
    "partial": lambda path: functools.partial(os.mkdir, path),
    "open": lambda path: Call(open, path, "w"),
    "nested pickle": lambda path: Call(pickle.loads, pickle.dumps(Payload(path))),
    "method": lambda path: operator.methodcaller("mkdir", path),
    "code": lambda path: Call(marshal.loads, marshal.dumps(compile("1", "code", "eval"))),
    "thread": lambda path: Call(_thread.start_new_thread, os.mkdir, (path,)),
}


@pytest.fixture
def trusted(monkeypatch):
    # So that the variable is as it was after the test.
    monkeypatch.delenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", raising=False)
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "0")
    trust_checkpoints()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Keep the test's output clean."""


@pytest.fixture
def url(tmp_path, monkeypatch):
    """Address of a folder that is served on this machine; downloads go to another."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch_home"))
    handler = functools.partial(QuietHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class TestRead:
    @pytest.mark.parametrize("around", [False, True])
    @pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
    def test_weights_with_and_without_a_checkpoint_around_them(self, tmp_path, around, legacy):
        weights = collections.OrderedDict(weight=torch.ones(2))
        given = dict(state_dict=weights, meta=dict(epoch=1)) if around else weights
        torch.save(given, tmp_path / "w.pth", _use_new_zipfile_serialization=not legacy)
        read = read_checkpoint(tmp_path / "w.pth")
        assert torch.equal(read["state_dict"]["weight"], torch.ones(2))
        assert read.get("meta") == (dict(epoch=1) if around else None)

    def test_a_file_of_anything_else_is_refused(self, tmp_path):
        torch.save([1, 2], tmp_path / "list.pth")
        with pytest.raises(CheckpointError, match=r"list\.pth holds no weights, but list"):
            read_checkpoint(tmp_path / "list.pth")

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(CheckpointError, match=r"no checkpoint .*none\.pth"):
            read_checkpoint(tmp_path / "none.pth")

    def test_pickled_code_is_refused_and_not_run(self, tmp_path):
        marker, path = tmp_path / "marker", tmp_path / "evil.pth"
        torch.save({"state_dict": {}, "meta": Payload(marker)}, path)
        with pytest.raises(UntrustedCheckpointError) as refusal:
            read_checkpoint(path)
        message = str(refusal.value)
        assert f"'{path}'" in message
        assert "'posix.mkdir'" in message
        # The variable works in the tools of others too.
        assert "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1" in message
        assert "--trust-checkpoint" in message
        assert "\n" not in message
        assert not marker.exists()

    @pytest.mark.parametrize("where", ["state_dict", "meta", "optimizer"])
    @pytest.mark.parametrize("carrier", CARRIERS)
    def test_whatever_carries_code_is_refused(self, tmp_path, carrier, where):
        marker, path = tmp_path / "marker", tmp_path / "evil.pth"
        content = {"state_dict": {"weight": torch.zeros(1)}, "meta": {}, "optimizer": {}}
        content[where]["evil"] = CARRIERS[carrier](str(marker))
        torch.save(content, path)
        with pytest.raises(UntrustedCheckpointError) as refusal:
            read_checkpoint(path)
        assert "\n" not in str(refusal.value)
        assert not marker.exists()

    def test_pickled_code_runs_once_it_is_trusted(self, tmp_path, trusted):
        marker, path = tmp_path / "marker", tmp_path / "trusted.pth"
        torch.save({"meta": Payload(marker)}, path)
        read_checkpoint(path)
        assert marker.exists()

    def test_trust_holds_in_spawned_processes(self, tmp_path, trusted):
        torch.save({"meta": Payload(tmp_path / "marker")}, tmp_path / "trusted.pth")
        code = "import torch; torch.load('trusted.pth')"
        subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, check=True)
        assert (tmp_path / "marker").exists()

    @pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
    @pytest.mark.parametrize("kept", [0.0, 0.02, 0.3, 0.6, 0.99])
    def test_a_truncated_file_is_named(self, tmp_path, legacy, kept):
        path = tmp_path / "cut.pth"
        torch.save({"weight": torch.arange(5000.0)}, path, _use_new_zipfile_serialization=not legacy)
        whole = path.read_bytes()
        path.write_bytes(whole[: int(kept * len(whole))])
        with pytest.raises(DamagedCheckpointError, match=r"cut\.pth' is not a checkpoint"):
            read_checkpoint(path)

    @pytest.mark.filterwarnings("ignore:Detected pickle protocol")
    def test_a_file_of_another_kind_is_named(self, tmp_path):
        path = tmp_path / "other.pth"
        random = np.random.default_rng(0)
        legacy = b"\x80\x02" + checkpoint_io._LEGACY_MAGIC
        for content in (
            b"<!DOCTYPE html><html>404</html>",
            b"\x89PNG\r\n\x1a\n" + bytes(50),
            *(random.bytes(200) for _ in range(50)),
            *(b"\x80\x02" + random.bytes(200) for _ in range(50)),
            *(legacy + b"\x80\x02M\xe9\x03.\x80\x02}.\x80\x02" + random.bytes(200) for _ in range(300)),
        ):
            path.write_bytes(content)
            with pytest.raises((DamagedCheckpointError, UntrustedCheckpointError), match=r"other\.pth"):
                read_checkpoint(path)

    def test_a_file_of_another_kind_is_named_when_trusted(self, tmp_path, trusted):
        path = tmp_path / "other.pth"
        path.write_text("<html>404</html>")
        with pytest.raises(DamagedCheckpointError, match=r"other\.pth"):
            read_checkpoint(path)

    @pytest.mark.parametrize("error", [TypeError, ValueError, KeyError, AssertionError])
    def test_an_error_of_the_program_is_not_taken_for_a_damaged_file(self, tmp_path, monkeypatch, error):
        def broken(self, *arguments):
            raise error("a fault")

        torch.save({"weight": torch.ones(2), "history": HistoryBuffer([1.0], [1])}, tmp_path / "good.pth")
        monkeypatch.setattr(HistoryBuffer, "__init__", broken)
        with pytest.raises(error, match="a fault"):
            read_checkpoint(tmp_path / "good.pth")

    def test_a_wrong_argument_is_not_taken_for_a_damaged_file(self, tmp_path):
        torch.save({"weight": torch.ones(2)}, tmp_path / "good.pth")
        with pytest.raises(TypeError, match="not callable"):
            read_checkpoint(tmp_path / "good.pth", map_location=5)


class TestReadUrl:
    def test_weights(self, tmp_path, url):
        torch.save({"weight": torch.ones(2)}, tmp_path / "good.pth")
        assert torch.equal(read_checkpoint(f"{url}/good.pth")["state_dict"]["weight"], torch.ones(2))
        (tmp_path / "good.pth").unlink()  # it is not downloaded again
        assert torch.equal(read_checkpoint(f"{url}/good.pth")["state_dict"]["weight"], torch.ones(2))

    def test_code_is_refused(self, tmp_path, url):
        marker = tmp_path / "marker"
        torch.save({"meta": Payload(marker)}, tmp_path / "evil.pth")
        with pytest.raises(UntrustedCheckpointError, match=rf"{url}/evil\.pth"):
            read_checkpoint(f"{url}/evil.pth")
        assert not marker.exists()

    def test_code_runs_once_it_is_trusted(self, tmp_path, url, trusted):
        marker = tmp_path / "marker"
        torch.save({"meta": Payload(marker)}, tmp_path / "trusted.pth")
        read_checkpoint(f"{url}/trusted.pth")
        assert marker.exists()

    def test_a_page_instead_of_a_file_is_named_where_it_was_kept(self, tmp_path, url):
        (tmp_path / "page.pth").write_text("<html>log in</html>")
        with pytest.raises(
            DamagedCheckpointError, match=rf"torch_home/hub/checkpoints/page\.pth \(of {url}/page\.pth\)"
        ):
            read_checkpoint(f"{url}/page.pth")

    def test_what_is_not_there(self, url):
        with pytest.raises(CheckpointError, match=rf"{url}/none\.pth.*404"):
            read_checkpoint(f"{url}/none.pth")

    @pytest.mark.parametrize("scheme", ["open-mmlab", "torchvision"])
    def test_names_of_mmengine(self, tmp_path, url, monkeypatch, scheme):
        torch.save({"weight": torch.ones(2)}, tmp_path / "good.pth")
        models = {"known": f"{url}/good.pth"}
        for function in ("get_external_models", "get_torchvision_models"):
            monkeypatch.setattr(checkpoint_io, function, lambda: models)
        assert "weight" in read_checkpoint(f"{scheme}://known")["state_dict"]
        with pytest.raises(CheckpointError, match=f"no checkpoint {scheme}://other.*name 'other'"):
            read_checkpoint(f"{scheme}://other")


def build(config):
    torch.manual_seed(0)
    return MODELS.build(config)


class Wrapper(nn.Module):
    """What MMEngine puts around a network for several processes."""

    def __init__(self, module):
        super().__init__()
        self.module = module


@pytest.fixture(params=["plain", "wrapped", "parts wrapped"])
def wrap(request, monkeypatch):
    """Wrap a model as MMEngine does for one and for two optimisers, or leave it as it is."""
    monkeypatch.setitem(MODEL_WRAPPERS._module_dict, "Wrapper", Wrapper)

    def wrap(model):
        if request.param == "parts wrapped":
            for name in ("generator", "discriminator"):
                if getattr(model, name, None) is not None:
                    setattr(model, name, Wrapper(getattr(model, name)))
        return model if request.param == "plain" else Wrapper(model)

    return wrap


METHODS = dict(
    zero_dce=tiny_zero_dce, enlightengan=tiny_enlightengan, pat=tiny_enhancenet_pat, e=tiny_enhancenet
)


@pytest.fixture
def save(tmp_path):
    """Save weights; gives the path."""

    def save(weights, name="weights.pth"):
        torch.save(dict(state_dict=dict(weights)), tmp_path / name)
        return tmp_path / name

    return save


class TestLoad:
    @pytest.mark.parametrize("method", METHODS)
    def test_a_models_own_weights(self, save, wrap, method):
        source = build(METHODS[method]())
        weights = {name: torch.rand(value.shape).to(value) for name, value in source.state_dict().items()}
        model = build(METHODS[method]())
        wrapped = wrap(model)
        load_weights(wrapped, save(weights))
        loaded = model.state_dict()
        assert loaded.keys() == weights.keys()
        for name, value in loaded.items():
            assert torch.equal(value, weights[name]), name

    def test_names_of_a_wrapper_around_the_whole(self, save):
        model = build(tiny_zero_dce())
        ones = {f"module.{name}": torch.ones_like(value) for name, value in model.state_dict().items()}
        load_weights(model, save(ones))
        assert all((value == 1).all() for value in model.state_dict().values())

    @pytest.mark.parametrize("method", ["enlightengan", "pat"])
    def test_what_only_training_needs_may_be_missing(self, save, wrap, method):
        """As in converted weights; it stays as it was."""
        model = build(METHODS[method]())
        before = {name: value.clone() for name, value in model.state_dict().items()}
        ones = {
            name: torch.ones_like(value) for name, value in before.items() if name.startswith("generator")
        }
        assert len(ones) < len(before)
        load_weights(wrap(model), save(ones))
        for name, value in model.state_dict().items():
            assert torch.equal(value, ones.get(name, before[name])), name

    def test_and_may_be_too_much(self, save, wrap):
        with_discriminator = build(tiny_enhancenet_pat()).state_dict()
        config = tiny_enhancenet()
        config["generator"]["num_blocks"] = 1
        model = build(config)
        load_weights(wrap(model), save(with_discriminator))
        for name, value in model.state_dict().items():
            assert torch.equal(value, with_discriminator[name]), name

    @pytest.mark.parametrize("method", ["enlightengan", "pat"])
    def test_but_resuming_needs_it(self, wrap, method):
        model = build(METHODS[method]())
        weights = model.state_dict()
        assert check_weights(wrap(model), weights, "whole.pth", whole=True) == weights
        generator = {name: value for name, value in weights.items() if name.startswith("generator")}
        with pytest.raises(UnfitCheckpointError, match=r"weights are missing: .*discriminator\."):
            check_weights(wrap(model), generator, "part.pth", whole=True)

    def test_half_a_discriminator_is_refused(self, save):
        weights = build(tiny_enhancenet_pat()).state_dict()
        name = next(name for name in weights if name.startswith("discriminator"))
        del weights[name]
        with pytest.raises(UnfitCheckpointError, match=rf"\b1 of its \d+ .*{name}"):
            load_weights(build(tiny_enhancenet_pat()), save(weights))

    @pytest.mark.parametrize("whole", [False, True])
    def test_another_methods_weights_are_refused(self, wrap, whole):
        model = build(tiny_zero_dce())
        before = {name: value.clone() for name, value in model.state_dict().items()}
        other = build(tiny_enlightengan()).state_dict()
        with pytest.raises(UnfitCheckpointError) as refusal:
            check_weights(wrap(model), other, "other.pth", "the model of zero_dce.py", whole)
        message = str(refusal.value)
        assert message.startswith("other.pth does not fit the model of zero_dce.py: ")
        assert f"of its {len(before)} weights are missing: generator.conv1.bias, " in message
        assert "are unknown to it: " in message
        assert len(message) < 700
        assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())

    def test_half_a_checkpoint_is_refused_and_the_model_left_alone(self, save, wrap):
        model = build(tiny_zero_dce())
        before = {name: value.clone() for name, value in model.state_dict().items()}
        half = {name: torch.ones_like(value) for name, value in list(before.items())[: len(before) // 2]}
        with pytest.raises(
            UnfitCheckpointError, match=rf"{len(before) - len(half)} of its {len(before)} weights"
        ):
            load_weights(wrap(model), save(half))
        assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())

    def test_another_width_is_refused(self, save):
        config = tiny_zero_dce()
        config["generator"]["width"] = 6
        with pytest.raises(UnfitCheckpointError, match=r"generator\.conv1\.bias \(4,\).*\(6,\)"):
            load_weights(build(config), save(build(tiny_zero_dce()).state_dict()))

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_weights_that_are_not_finite_are_refused_in_one_line(self, save, value):
        weights = build(tiny_zero_dce()).state_dict()
        for name in ("generator.conv2.bias", "generator.conv3.weight"):
            weights[name][0] = value
        path = save(weights, "broken.pth")
        with pytest.raises(UnfitCheckpointError) as refusal:
            load_weights(build(tiny_zero_dce()), path)
        message = str(refusal.value)
        assert message.startswith(f"{path} holds weights that are infinite or not a number: 2 of ")
        assert "the first is generator.conv2.bias" in message
        assert "\n" not in message


class Outer(BaseModel):
    """A model around an enhancer, which declares for itself what only training needs."""

    def __init__(self, enhancer):
        super().__init__()
        self.enhancer = build(enhancer)
        self.head = nn.Linear(1, 1)

    def forward(self, inputs, data_samples=None, mode="tensor"):
        """Nothing is computed here."""


class TestNested:
    def test_torch_itself_misses_weights_of_an_enhancer(self):
        """Nothing empties torch's lists of them, which the whole model shares."""
        model = Outer(tiny_zero_dce())
        with pytest.raises(RuntimeError, match=r"enhancer\.generator\.conv1\.weight.*head\.weight"):
            model.load_state_dict({})
        with pytest.raises(RuntimeError, match="surplus"):
            model.load_state_dict({**model.state_dict(), "surplus": torch.ones(1)})
        model = build(tiny_enlightengan())
        part = model.generator.state_dict(prefix="generator.")
        with pytest.raises(RuntimeError, match="discriminator"):
            model.load_state_dict(part)

    def test_the_inner_model_declares_what_only_training_needs(self, save, monkeypatch):
        monkeypatch.setitem(MODEL_WRAPPERS._module_dict, "Wrapper", Wrapper)
        model = Outer(tiny_enlightengan())
        weights = {n: torch.ones_like(v) for n, v in model.state_dict().items() if "discriminator" not in n}
        model.enhancer = Wrapper(model.enhancer)
        load_weights(model, save(weights))
        assert (model.head.weight == 1).all()
        del weights["head.bias"]
        with pytest.raises(UnfitCheckpointError, match=r"missing: head\.bias"):
            load_weights(model, save(weights))
