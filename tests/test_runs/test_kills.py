"""Trainings that ``kill -9`` ends again and again, most often while a checkpoint is written."""

import gc
import os
import random
import signal
import sys
import time
import zipfile
from importlib import import_module
from itertools import count, pairwise

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import runner
from tiny_training import end_of, kill_self, load, start_process

from mmlle.apis.config_check import check_config
from mmlle.apis.training import train
from mmlle.engine import CheckpointHook
from mmlle.registry import MODELS
from mmlle.utils import files

ITERATIONS = 60
KEPT = 2

#: Steps of the disk that a checkpoint takes: a half of it written, all of it there, its name, that of the
#: folder; the same of last_checkpoint; the outdated checkpoint gone.
STEPS = 9

#: A run's first checkpoint is always whole; the second is interrupted at each of its steps, and the third.
MOMENTS = range(STEPS, STEPS + 10)


def train_until(folder, name, work_dir, arm):
    """Start a training of :data:`ITERATIONS` steps, with a checkpoint after each of them, or resume it.

    Args:
        folder: Where the data and the config are.
        name: Name of the config.
        work_dir: Name of the training's folder.
        arm: Called when the first checkpoint of this process is about to be written.
    """
    os.chdir(folder)
    config = Config.fromfile(name)
    config.work_dir = work_dir
    config.train_dataloader.num_workers = config.val_dataloader.num_workers = 0
    config.train_cfg.update(max_epochs=ITERATIONS // 5, val_interval=4)
    config.default_hooks.checkpoint.update(interval=1, by_epoch=False, max_keep_ckpts=KEPT)
    first, save = iter([arm]), CheckpointHook._save_checkpoint

    def saving(self, runner):
        next(first, int)()
        save(self, runner)

    CheckpointHook._save_checkpoint = saving
    gc.freeze()  # else the modules' objects are gone through for each data set
    # What takes most of the time: waiting for the disk, which is for power failures (a kill loses nothing
    # that is written), the layout of the config for the log and for each checkpoint, and asking compilers for
    # their versions.
    os.fsync = int
    Config.pretty_text = name
    runner.collect_env = dict
    train(config, resume=True)


def import_what_it_needs(folder, name):
    """Import here what each process would import for itself, which takes seconds."""
    import_module("matplotlib.backends.backend_agg")
    config = Config.fromfile(folder / name)
    check_config(config, ("model", "train_dataloader", "train_cfg", "optim_wrapper"))
    with DefaultScope.overwrite_default_scope("mmlle"):
        MODELS.build(config.model)


def die_at(moment):
    """End this process before a step that changes the disk, or when half of a file is written."""
    numbers, fsync = count(), os.fsync

    def step(event, *_):
        if event in ("fsync", "os.rename", "os.remove") and next(numbers) == moment:
            kill_self()

    class Halving:
        """A file that is open, as far as it is needed."""

        def __init__(self, stream):
            self.stream = stream
            self.flush, self.fileno, self.close = stream.flush, stream.fileno, stream.close

        def write(self, content):
            if next(numbers) == moment:
                self.stream.write(content[: len(content) // 2])
                self.stream.flush()
                kill_self()
            self.stream.write(content)

    class Unfinished(files.UnfinishedFile):
        def __init__(self, folder):
            super().__init__(folder)
            self.stream = Halving(self.stream)

    sys.addaudithook(step)  # is told of what pathlib does too, but not of fsync
    os.fsync = lambda handle: (step("fsync"), fsync(handle))
    files.UnfinishedFile = Unfinished


def killed_at(moment, *training):
    """Have a training end itself at a moment of :func:`die_at`."""
    return end_of(start_process(lambda: train_until(*training, lambda: die_at(moment))))


def killed_after(seconds, *training):
    """End a training from outside, so long after its first checkpoint began to be written."""
    reading, writing = os.pipe()
    process = start_process(lambda: train_until(*training, lambda: os.write(writing, b"x")))
    os.close(writing)
    assert os.read(reading, 1) == b"x"
    os.close(reading)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    return end_of(process)


def look(folder):
    """Look at what a killed training has left, which must be whole; gives the iteration it goes on from."""
    checkpoints = list(folder.glob("*.pth"))
    for path in checkpoints:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None, path
        load(path)
    # What is new comes before what is outdated goes: one more of the last and one of the best.
    assert len(checkpoints) <= KEPT + 1 + 2
    assert len(list(folder.glob(".writing-*"))) <= 1
    others = {path.name for path in folder.glob("*") if path.is_file()} - {path.name for path in checkpoints}
    named = {"last_checkpoint", ".lock", ".lock_owner", f"{folder.name.partition('_')[0]}.py"}
    assert all(name in named or name.startswith(".writing-") for name in others), others
    last = (folder / "last_checkpoint").read_text()
    assert last in map(str, checkpoints)
    return load(last)["meta"]["iter"]


@pytest.mark.parametrize("method", ["sgz", "pairlie", "enhancenet"])
def test_sixteen_kills_and_the_weights_are_those_of_an_undisturbed_training(workspace, method):
    """Ten at exact moments of writing, six at any time: 48 of three methods, 30 of them in writing."""
    training = workspace.folder, f"{method}.py"
    import_what_it_needs(*training)
    whole, killed = (workspace.folder / f"{method}_{name}" for name in ("undisturbed", "killed"))
    assert end_of(start_process(lambda: train_until(*training, str(whole), int))) == 0
    rng = random.Random(0)
    ways = [(killed_at, moment) for moment in MOMENTS]
    ways += [(killed_after, rng.uniform(0, 0.05)) for _ in range(6)]
    rng.shuffle(ways)
    ways.insert(0, ways.pop(ways.index((killed_at, MOMENTS[-1]))))  # the first leaves a checkpoint
    reached = [0]
    for kill, when in ways:
        assert kill(when, *training, str(killed)) == -signal.SIGKILL
        reached.append(look(killed))
        if kill is killed_at:  # the step under way is lost and no more
            assert reached[-1] > reached[-2]
    assert all(one <= other for one, other in pairwise(reached))
    assert 10 <= reached[-1] < ITERATIONS
    assert end_of(start_process(lambda: train_until(*training, str(killed), int))) == 0
    names = {path.name for path in killed.glob("*.pth")}
    assert names == {path.name for path in whole.glob("*.pth")}
    assert len(names) == KEPT + 1
    assert not list(killed.glob(".writing-*"))
    for name in names:
        one, other = (load(folder / name) for folder in (whole, killed))
        assert_equal(one["state_dict"], other["state_dict"])
        assert_equal(one.get("optimizer"), other.get("optimizer"))


def assert_equal(one, other):
    """Compare nested values, tensors bit for bit."""
    assert type(one) is type(other)
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_equal(one[key], other[key])
    elif isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for pair in zip(one, other, strict=True):
            assert_equal(*pair)
    else:
        assert one == other
