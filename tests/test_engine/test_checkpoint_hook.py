import errno
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import HOOKS, DefaultScope
from tiny_training import Call, Model, end_of, kill_self, load, make_runner, start_process

from mmlle.engine import CheckpointHook
from mmlle.engine.checkpoint_hook import CheckpointBackend, CheckpointWriteError
from mmlle.utils.errors import UserError
from mmlle.utils.work_dir_lock import WorkDirInUseError, lock_work_dir

pytestmark = pytest.mark.usefixtures("run_state")


def names(folder):
    return {path.name for path in folder.glob("*.pth")}


def test_checkpoints_are_those_of_mmengine(tmp_path):
    settings = dict(save_best="score", rule="greater", max_keep_ckpts=2)
    ours, upstream = tmp_path / "ours", tmp_path / "upstream"
    make_runner(ours, scores=[1, 3, 2], **settings).train()
    runner = make_runner(upstream, scores=[1, 3, 2])
    runner._hooks = [hook for hook in runner.hooks if not isinstance(hook, CheckpointHook)]
    runner.register_hook(dict(type="CheckpointHook", interval=1, **settings))
    runner.train()
    assert names(ours) == names(upstream) == {"best_score_epoch_2.pth", "epoch_2.pth", "epoch_3.pth"}
    assert (ours / "last_checkpoint").read_text() == str(ours / "epoch_3.pth")
    for name in names(ours):
        one, other = load(ours / name), load(upstream / name)
        assert one.keys() == other.keys()
        assert torch.equal(one["state_dict"]["weight"], other["state_dict"]["weight"])
        for key in ("epoch", "iter"):
            assert one["meta"][key] == other["meta"][key]
        for key in ("best_score", "best_ckpt", "keep_ckpt_ids", "last_ckpt"):
            one_value, other_value = (side["message_hub"]["runtime_info"].get(key) for side in (one, other))
            assert str(one_value) == str(other_value).replace(str(upstream), str(ours)), key


@pytest.mark.parametrize(
    "best",
    [pytest.param(False, id="last"), pytest.param(True, id="best", marks=pytest.mark.slow)],
)
def test_a_kill_at_any_moment_leaves_a_whole_checkpoint(tmp_path, best):
    """Killed before each step that changes the disk while the second epoch's checkpoints are written."""
    options = dict(scores=[1, 2], save_best="score", rule="greater") if best else {}
    survived, moment = set(), 0
    while True:
        folder = tmp_path / str(moment)

        def train(folder=folder, moment=moment):
            steps = iter([False] * moment + [True])
            fsync = os.fsync

            def step(event, *_):
                if event in ("fsync", "os.rename", "os.remove") and next(steps, False):
                    kill_self()

            def arm(runner):
                if runner.epoch == 1:
                    sys.addaudithook(step)  # is told of what pathlib does too, but not of fsync
                    os.fsync = lambda handle: (step("fsync"), fsync(handle))

            make_runner(folder, 2, hooks=[Call(arm)], max_keep_ckpts=1, **options).train()

        status = end_of(start_process(train))
        last = Path((folder / "last_checkpoint").read_text())
        assert last.parent == folder
        survived.add(load(last)["meta"]["epoch"])
        if best:
            assert load(load(last)["message_hub"]["runtime_info"]["best_ckpt"])["meta"]["epoch"]
        if status == 0:
            break
        assert status == -signal.SIGKILL
        # Whoever goes on removes what was to go.
        left = dict(options, scores=[1, 2, 3][load(last)["meta"]["epoch"] :]) if best else {}
        make_runner(folder, 3, resume=True, max_keep_ckpts=1, **left).train()
        assert names(folder) >= {"epoch_3.pth"} | ({"best_score_epoch_3.pth"} if best else set())
        extra = {"epoch_1.pth", "epoch_2.pth", "best_score_epoch_1.pth"}
        assert not names(folder) & extra, (moment, names(folder))
        moment += 1
    assert moment >= 7, "fewer moments than a checkpoint has steps"
    assert survived == {1, 2}
    assert names(folder) == {"epoch_2.pth"} | ({"best_score_epoch_2.pth"} if best else set())
    assert not list(folder.glob(".writing-*"))


def test_what_a_killed_process_leaves_half_written_is_removed_at_the_next_start(tmp_path):
    def train():
        os.fsync = lambda handle: kill_self()
        make_runner(tmp_path, 1).train()

    assert end_of(start_process(train)) == -signal.SIGKILL
    assert len(list(tmp_path.glob(".writing-*"))) == 1
    make_runner(tmp_path, 1).train()
    assert not list(tmp_path.glob(".writing-*"))
    assert names(tmp_path) == {"epoch_1.pth"}


def test_what_was_outdated_in_another_folder_stays_in_this_one(tmp_path):
    for folder in ("a", "b"):
        make_runner(tmp_path / folder, 2, max_keep_ckpts=1 if folder == "a" else -1).train()
    assert load(tmp_path / "a/epoch_2.pth")["message_hub"]["runtime_info"]["outdated_ckpts"] == [
        "epoch_1.pth"
    ]
    options = dict(resume=True, load_from=str(tmp_path / "a/epoch_2.pth"))
    make_runner(tmp_path / "b", 3, max_keep_ckpts=-1, **options).train()
    assert names(tmp_path / "b") == {"epoch_1.pth", "epoch_2.pth", "epoch_3.pth"}


def test_a_full_disk_ends_the_training_with_one_message_and_keeps_what_was_there(tmp_path, monkeypatch):
    def fill(runner):
        def full(handle):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        if runner.epoch == 1:
            monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(CheckpointWriteError) as error:
        make_runner(tmp_path, hooks=[Call(fill)], max_keep_ckpts=1).train()
    message = str(error.value)
    assert f"{tmp_path}/epoch_2.pth could not be written: No space left on device" in message
    assert f"the disk of {tmp_path} has " in message
    assert isinstance(error.value, UserError)
    assert names(tmp_path) == {"epoch_1.pth"}
    assert load((tmp_path / "last_checkpoint").read_text())["meta"]["epoch"] == 1
    assert not list(tmp_path.glob(".writing-*"))


def test_a_folder_that_vanishes_is_told_as_such(tmp_path):
    folder = tmp_path / "gone"
    folder.touch()
    with pytest.raises(CheckpointWriteError, match=f"There is no folder {folder} any more") as error:
        CheckpointBackend().put(b"weights", folder / "epoch_1.pth")
    assert "MB" not in str(error.value)


def test_a_best_checkpoint_by_what_is_not_measured_ends_with_a_message(tmp_path):
    with pytest.raises(UserError, match=r"chosen by PSNR, .* it measures score\..*save_best=None"):
        make_runner(tmp_path, 2, scores=[1, 2], save_best="PSNR", rule="greater").train()
    assert names(tmp_path) == {"epoch_1.pth"}


def test_a_copied_folder_does_not_delete_the_best_checkpoint_of_the_first(tmp_path):
    options = dict(save_best="score", rule="greater", max_keep_ckpts=1)
    make_runner(tmp_path / "a", 1, scores=[1], **options).train()
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    make_runner(tmp_path / "b", 2, scores=[2], resume=True, **options).train()
    assert names(tmp_path / "a") == {"epoch_1.pth", "best_score_epoch_1.pth"}
    assert names(tmp_path / "b") == {"epoch_2.pth", "best_score_epoch_2.pth"}


class TestNotFinite:
    @pytest.mark.parametrize("place", ["weight", "optimizer", "average"])
    def test_no_such_checkpoint_is_saved_and_the_good_one_stays(self, tmp_path, place):
        def spoil(runner):
            if runner.epoch == 1:
                runner.model.train_step = spoiling(runner)

        def spoiling(runner):
            step = type(runner.model).train_step

            def train_step(data, optim_wrapper):
                losses = step(runner.model, data, optim_wrapper)
                if runner.iter < 3:  # in the epoch's last step alone, so that no loss tells
                    return losses
                (ema,) = (hook for hook in runner.hooks if type(hook).__name__ == "EMAHook")
                with torch.no_grad():
                    if place == "weight":
                        runner.model.weight.fill_(float("inf"))
                    elif place == "average":
                        ema.ema_model.module.weight.fill_(float("nan"))
                    else:
                        optim_wrapper.optimizer.state[runner.model.weight]["momentum_buffer"].fill_(
                            float("nan")
                        )
                return losses

            return train_step

        hooks = [dict(type="EMAHook"), Call(spoil)]
        with pytest.raises(UserError, match="not finite after iteration 4") as error:
            make_runner(tmp_path, hooks=hooks, max_keep_ckpts=1).train()
        assert {"weight": "weight for one", "optimizer": "optimizer.state.0.momentum_buffer"}.get(
            place, "weight"
        ) in str(error.value)
        assert f"The last good checkpoint is {tmp_path}/epoch_1.pth" in str(error.value)
        assert names(tmp_path) == {"epoch_1.pth"}


class TestLock:
    def start(self, folder):
        """Start a training in another process; gives its number once it is under way."""
        reading, writing = os.pipe()

        def wait(runner):
            os.write(writing, b"x")
            signal.pause()

        process = start_process(lambda: make_runner(folder, hooks=[Call(wait)]).train())
        assert os.read(reading, 1) == b"x"
        return process

    def test_a_second_training_is_stopped_until_the_first_one_has_died(self, tmp_path):
        process = self.start(tmp_path)
        try:
            with pytest.raises(
                WorkDirInUseError, match=rf"Another training \(process {process} on "
            ) as error:
                make_runner(tmp_path).train()
            assert f"is running in {tmp_path}." in str(error.value)
        finally:
            os.kill(process, signal.SIGKILL)
            assert end_of(process) == -signal.SIGKILL
        make_runner(tmp_path, 1).train()
        assert names(tmp_path) == {"epoch_1.pth"}

    def test_it_is_released_at_the_end(self, tmp_path):
        make_runner(tmp_path, 1).train()
        assert end_of(start_process(lambda: make_runner(tmp_path, 1).train())) == 0

    def test_workers_that_outlive_a_killed_training_do_not_hold_it(self, tmp_path):
        reading, writing = os.pipe()

        def main():
            held = lock_work_dir(tmp_path)
            worker = start_process(signal.pause)
            os.write(writing, worker.to_bytes(8, "big"))
            signal.pause()
            del held

        process = start_process(main)
        worker = int.from_bytes(os.read(reading, 8), "big")
        os.kill(process, signal.SIGKILL)
        end_of(process)
        try:
            lock_work_dir(tmp_path).lock.release()
        finally:
            os.kill(worker, signal.SIGKILL)

    def test_storage_without_locks(self, tmp_path, monkeypatch, log_lines):
        from filelock import FileLock

        def fail(self, timeout):
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(FileLock, "acquire", fail)
        assert lock_work_dir(tmp_path) is None
        assert any("does not support locks (" in line for line in log_lines)


def test_a_validation_without_a_training_is_left_alone(tmp_path):
    assert make_runner(tmp_path, scores=[3]).val() == dict(score=3)
    assert not (tmp_path / ".lock").exists()


@pytest.mark.parametrize("scope", ["mmlle", "mmagic", "mmengine"])
def test_whoever_inherits_the_default_runtime_gets_these_hooks(scope):
    config = Config.fromfile(Path(__file__).resolve().parents[2] / "configs/_base_/default_runtime.py")
    with DefaultScope.overwrite_default_scope(scope):
        for name in ("checkpoint", "nan_guard", "zero_denormals"):
            hook = HOOKS.build(config.default_hooks[name])
            assert type(hook).__module__.startswith("mmlle.engine.")


def test_in_this_scope_the_name_without_prefix_is_ours():
    with DefaultScope.overwrite_default_scope("mmlle"):
        assert type(HOOKS.build(dict(type="CheckpointHook"))) is CheckpointHook


def test_a_larger_model_is_refused(tmp_path):
    make_runner(tmp_path, 1).train()
    with pytest.raises(UserError, match="1 weights have another shape: weight "):
        make_runner(tmp_path, 2, model=Model(2), resume=True).train()
