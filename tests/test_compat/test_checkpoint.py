import copy
import functools
import os
import pickle

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer, MessageHub

import mmlle.registry  # noqa: F401  (applies the repair)
from mmlle.compat.checkpoint import repair

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
    restored.load_state_dict(torch.load(path)["message_hub"])

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
    assert torch.load(path) == np.float32(1.5)


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


@pytest.mark.parametrize("wanted", [eval, exec, getattr, os.system, functools.partial, open])
def test_nothing_that_runs_code_is_allowed(tmp_path, wanted):
    path = tmp_path / "evil.pth"
    torch.save(wanted, path)
    with pytest.raises(pickle.UnpicklingError, match=wanted.__name__):
        torch.load(path)


@pytest.mark.parametrize("array", [np.array([None]), np.zeros(1, "i4,f8")], ids=["object", "void"])
def test_arrays_that_could_hold_forged_pointers_are_refused(tmp_path, array):
    path = tmp_path / "array.pth"
    torch.save(array, path)
    with pytest.raises(pickle.UnpicklingError, match="numpy"):
        torch.load(path)


def test_what_mmengine_wrote_before_is_refused_for_its_getattr(run_python, tmp_path):
    result = run_python(
        "import torch; from mmengine.logging import HistoryBuffer;"
        "torch.save({'history': HistoryBuffer([1], [1])}, 'old.pth')"
    )
    assert result.returncode == 0, result.stderr
    with pytest.raises(pickle.UnpicklingError, match="getattr"):
        torch.load(tmp_path / "old.pth")


#: What others have of torch and MMEngine, before and after the package is imported.
OTHERS = """
import sys, warnings
import mmengine.runner.checkpoint as upstream
import numpy, torch, mmcv
from mmengine.utils.dl_utils import mmcv_full_available

def felt_by_others():
    loaders = vars(upstream) | dict(load=torch.load, url=torch.hub.load_state_dict_from_url)
    loaders = {name: value for name, value in loaders.items() if callable(value)}
    return loaders, dict(upstream.CheckpointLoader._schemes), list(warnings.filters), mmcv_full_available()

before = felt_by_others()
import os
def umask(mask):
    sys.exit("the umask was set")
os.umask = umask
import mmlle, mmlle.registry
mmlle.registry.MODELS  # what a config with a name of this package has MMEngine import
for one, other in zip(before, felt_by_others()):
    assert one == other, (one, other)
"""


def test_importing_the_package_changes_nothing_that_others_feel(run_python):
    result = run_python(OTHERS)
    assert result.returncode == 0, result.stderr


def test_others_load_from_a_url_as_before(run_python, tmp_path):
    cached = tmp_path / "home/hub/checkpoints/others.pth"
    cached.parent.mkdir(parents=True)
    torch.save({"part": functools.partial(print)}, cached)
    result = run_python(
        "import mmlle.registry; from mmengine.runner.checkpoint import CheckpointLoader;"
        "print(CheckpointLoader.load_checkpoint('http://localhost/others.pth'))",
        TORCH_HOME=str(tmp_path / "home"),
    )
    assert "functools.partial" in result.stdout, result.stderr


def test_it_is_applied_once():
    before = torch.serialization.get_safe_globals()
    repair()
    assert len(torch.serialization.get_safe_globals()) == len(before)
