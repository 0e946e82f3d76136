import collections
import copy
import functools
import http.server
import os
import pickle
import threading

import mmengine.runner.checkpoint as upstream
import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer, MessageHub
from mmengine.runner import load_checkpoint

import mmlle.registry  # noqa: F401  (applies the repair)
from mmlle.compat.checkpoint import (
    DamagedCheckpointError,
    UntrustedCheckpointError,
    repair,
    trust_checkpoints,
)

# torch says so whenever it loads what it was told to trust.
pytestmark = pytest.mark.filterwarnings("ignore:Environment variable TORCH_FORCE_NO_WEIGHTS_ONLY")

load = upstream.CheckpointLoader.load_checkpoint

#: Trains for two iterations, then resumes in a second Runner and trains for two more.
TRAIN_AND_RESUME = """
import sys, torch
if "repair" in sys.argv:
    import mmlle.registry
from mmengine.model import BaseModel
from mmengine.runner import Runner

class Toy(BaseModel):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
    def forward(self, inputs, mode):
        return dict(loss=self.layer(inputs).square().mean())

for iterations in (2, 4):
    runner = Runner(
        Toy(), work_dir="work", experiment_name=str(iterations),
        train_dataloader=dict(dataset=torch.ones(8, 1), batch_size=1,
                              sampler=dict(type="DefaultSampler", shuffle=False)),
        train_cfg=dict(by_epoch=False, max_iters=iterations),
        optim_wrapper=dict(optimizer=dict(type="Adam", lr=0.1)),
        default_hooks=dict(checkpoint=dict(type="CheckpointHook", interval=2, by_epoch=False),
                           logger=dict(type="LoggerHook", interval=1)),
        resume=iterations == 4,
    )
    runner.train()
print("losses:", len(runner.message_hub.get_scalar("train/loss").data[0]))
"""


class Payload:
    """Leaves a folder behind when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.fixture
def trusted(monkeypatch):
    # So that the variable is as it was after the test.
    monkeypatch.delenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", raising=False)
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "0")
    trust_checkpoints()


def test_without_the_repair_resuming_fails(run_python):
    result = run_python(TRAIN_AND_RESUME)
    assert result.returncode != 0
    assert "Weights only load failed" in result.stderr


def test_with_it_resuming_works_and_keeps_the_history(run_python):
    result = run_python(TRAIN_AND_RESUME, "repair")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "losses: 4"


def test_a_message_hub_comes_back_as_it_was(tmp_path):
    hub = MessageHub("saved")
    for value in (0.1, float("nan"), 3.0):
        hub.update_scalar("loss", value, 2)
    numbers = {
        dtype: np.array([1, 0, 7]).astype(dtype)
        for dtype in ("bool", "int8", "uint16", "int32", "int64", "float16", "float32", "float64")
    }
    for dtype, array in numbers.items():
        hub.update_info(f"{dtype} array", array)
        hub.update_info(f"{dtype} scalar", array[2])
    path = tmp_path / "hub.pth"
    torch.save({"message_hub": hub.state_dict()}, path)

    restored = MessageHub("restored")
    restored.load_state_dict(load(str(path))["message_hub"])

    values, counts = restored.get_scalar("loss").data
    np.testing.assert_array_equal(values, [0.1, np.nan, 3.0])
    np.testing.assert_array_equal(counts, [2, 2, 2])
    assert restored.get_scalar("loss").mean(1) == 1.5  # 3.0 counted twice
    for dtype, array in numbers.items():
        back = restored.get_info(f"{dtype} array")
        assert back.dtype == array.dtype
        np.testing.assert_array_equal(back, array)
        scalar = restored.get_info(f"{dtype} scalar")
        assert (type(scalar), scalar) == (type(array[2]), array[2])


@pytest.mark.parametrize("core", ["core", "_core"])
def test_numpy_globals_are_known_by_the_names_of_both_major_versions(tmp_path, core):
    path = tmp_path / "scalar.pth"
    torch.save(np.float32(1.5), path, _use_new_zipfile_serialization=False)
    here = b"numpy._core.multiarray" if b"numpy._core" in path.read_bytes() else None
    here = here or b"numpy.core.multiarray"
    path.write_bytes(path.read_bytes().replace(here, f"numpy.{core}.multiarray".encode()))
    assert load(str(path)) == np.float32(1.5)


@pytest.mark.parametrize("history", [[], [1, 2, 3], [0.5, 2.5]])
def test_a_history_keeps_its_type_and_length(history):
    buffer = HistoryBuffer(history, [1] * len(history), max_length=3)
    for other in (copy.deepcopy(buffer), pickle.loads(pickle.dumps(buffer))):
        assert other.max_length == 3
        for mine, theirs in zip(buffer.data, other.data, strict=True):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)
        other.update(9.0)
        assert len(buffer.data[0]) == len(history)


def test_pickled_code_is_refused_and_not_run(tmp_path):
    marker, path = tmp_path / "marker", tmp_path / "evil.pth"
    torch.save({"state_dict": {}, "meta": Payload(marker)}, path)
    with pytest.raises(UntrustedCheckpointError) as refusal:
        load(str(path))
    message = str(refusal.value)
    assert f"'{path}'" in message
    assert "'posix.mkdir'" in message
    assert "--trust-checkpoint" in message
    assert "\n" not in message
    assert not marker.exists()


def test_pickled_code_runs_once_it_is_trusted(tmp_path, trusted):
    marker, path = tmp_path / "marker", tmp_path / "trusted.pth"
    torch.save({"meta": Payload(marker)}, path)
    load(str(path))
    assert marker.exists()


def test_trust_holds_in_spawned_processes(run_python, tmp_path):
    torch.save({"meta": Payload(tmp_path / "marker")}, tmp_path / "trusted.pth")
    result = run_python(
        "import subprocess, sys, mmlle.compat.checkpoint as c; c.trust_checkpoints();"
        "subprocess.run([sys.executable, '-c', 'import torch; torch.load(\"trusted.pth\")'],"
        "               check=True)"
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "marker").exists()


@pytest.mark.parametrize("wanted", [eval, exec, getattr, os.system, functools.partial, open])
def test_nothing_that_runs_code_is_allowed(tmp_path, wanted):
    path = tmp_path / "evil.pth"
    torch.save(wanted, path)
    with pytest.raises(UntrustedCheckpointError, match=wanted.__name__):
        load(str(path))


@pytest.mark.parametrize("array", [np.array([None]), np.zeros(1, "i4,f8")], ids=["object", "void"])
def test_arrays_that_could_hold_forged_pointers_are_refused(tmp_path, array):
    path = tmp_path / "array.pth"
    torch.save(array, path)
    with pytest.raises(UntrustedCheckpointError, match="numpy"):
        load(str(path))


def test_what_mmengine_wrote_before_is_refused_for_its_getattr(run_python, tmp_path):
    result = run_python(
        "import torch; from mmengine.logging import HistoryBuffer;"
        "torch.save({'history': HistoryBuffer([1], [1])}, 'old.pth')"
    )
    assert result.returncode == 0, result.stderr
    with pytest.raises(UntrustedCheckpointError, match=r"old\.pth.*'getattr'.*--trust-checkpoint"):
        load(str(tmp_path / "old.pth"))


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
@pytest.mark.parametrize("kept", [0.0, 0.02, 0.3, 0.6, 0.99])
def test_a_truncated_file_is_named(tmp_path, legacy, kept):
    path = tmp_path / "cut.pth"
    torch.save({"weight": torch.arange(5000.0)}, path, _use_new_zipfile_serialization=not legacy)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(DamagedCheckpointError, match=r"cut\.pth' is not a checkpoint"):
        load(str(path))


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_file_of_another_kind_is_named(tmp_path):
    path = tmp_path / "other.pth"
    random = np.random.default_rng(0)
    for content in (
        b"<!DOCTYPE html><html>404</html>",
        b"hello",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        *(random.bytes(200) for _ in range(300)),
        *(b"\x80\x02" + random.bytes(200) for _ in range(300)),
    ):
        path.write_bytes(content)
        with pytest.raises((DamagedCheckpointError, UntrustedCheckpointError), match=r"other\.pth"):
            load(str(path))


def test_a_file_of_another_kind_is_named_when_trusted(tmp_path, trusted):
    path = tmp_path / "other.pth"
    path.write_text("<html>404</html>")
    with pytest.raises(DamagedCheckpointError, match=r"other\.pth"):
        load(str(path))


def test_a_missing_file_is_still_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.pth"):
        load(str(tmp_path / "none.pth"))


def test_weights_are_loaded_as_before(tmp_path):
    source, target = torch.nn.Linear(2, 3), torch.nn.Linear(2, 3)
    path = tmp_path / "weights.pth"
    torch.save({"state_dict": source.state_dict(), "meta": collections.OrderedDict(epoch=1)}, path)
    load_checkpoint(target, str(path), strict=True)
    assert torch.equal(source.weight, target.weight)


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


UPSTREAM_URL = """
import sys
from mmengine.runner.checkpoint import CheckpointLoader
CheckpointLoader.load_checkpoint(sys.argv[1])
"""


def test_without_the_repair_code_from_a_url_is_run(run_python, tmp_path, url):
    marker = tmp_path / "marker"
    torch.save({"meta": Payload(marker)}, tmp_path / "evil.pth")
    result = run_python(UPSTREAM_URL, f"{url}/evil.pth")
    assert result.returncode == 0, result.stderr
    assert marker.exists()


def test_with_it_code_from_a_url_is_refused(tmp_path, url):
    marker = tmp_path / "marker"
    torch.save({"meta": Payload(marker)}, tmp_path / "evil.pth")
    with pytest.raises(UntrustedCheckpointError, match=rf"{url}/evil\.pth"):
        load(f"{url}/evil.pth")
    assert not marker.exists()


def test_code_from_a_url_runs_once_it_is_trusted(tmp_path, url, trusted):
    marker = tmp_path / "marker"
    torch.save({"meta": Payload(marker)}, tmp_path / "trusted.pth")
    load(f"{url}/trusted.pth")
    assert marker.exists()


def test_weights_from_a_url_are_loaded(tmp_path, url):
    torch.save({"weight": torch.ones(2)}, tmp_path / "good.pth")
    assert torch.equal(load(f"{url}/good.pth")["weight"], torch.ones(2))


def test_it_is_applied_once():
    before = upstream.load_from_local
    repair()
    assert upstream.load_from_local is before
    assert not hasattr(before.__wrapped__, "__wrapped__")
