import os
import signal
import threading
import time

import pytest
import torch
from mmengine.hooks import Hook
from tiny_training import Call, Model, end_of, load, make_runner, start_process
from torch.utils.data import DataLoader

from mmlle.datasets import SeededDataset
from mmlle.engine import CheckpointHook
from mmlle.engine.stop_signals import StopSignals, outlive_signals
from mmlle.utils.errors import StoppedError

pytestmark = pytest.mark.usefixtures("run_state")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_noted_and_the_handlers_come_back(number):
    before = signal.getsignal(number)
    with StopSignals() as signals:
        assert signals.received == 0
        os.kill(os.getpid(), number)
        assert signals.received == number
    assert signal.getsignal(number) is before


def test_the_first_one_counts_and_a_second_ctrl_c_ends_at_once():
    with StopSignals() as signals:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), number)
        assert signals.received == signal.SIGTERM
    with StopSignals():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_a_training_of_another_thread_leaves_the_handlers_alone():
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def enter():
        with StopSignals():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]


class Pids(torch.utils.data.Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        return os.getpid()


def test_workers_outlive_the_signals_and_end_with_their_loader():
    loader = DataLoader(
        Pids(),
        num_workers=1,
        prefetch_factor=1,
        multiprocessing_context="fork",
        worker_init_fn=lambda worker: outlive_signals(None, worker),
    )
    batches = iter(loader)
    worker = int(next(batches))

    def send():
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(worker, number)

    assert end_of(start_process(send)) == 0
    time.sleep(0.05)
    assert [int(batch) for batch in batches] == [worker] * 3
    with pytest.raises(ChildProcessError):
        os.waitpid(worker, os.WNOHANG)


def test_workers_obey_their_own_process():
    reading, writing = os.pipe()

    def work():
        outlive_signals(None, 0)
        os.write(writing, b"x")
        signal.pause()

    worker = start_process(work)
    assert os.read(reading, 1) == b"x"
    os.kill(worker, signal.SIGTERM)
    assert end_of(worker) == 0


def follow(runner):
    """Train as the training command does."""
    with StopSignals() as signals:
        for hook in runner.hooks:
            if isinstance(hook, CheckpointHook):
                hook.signals = signals
        runner.train()


def signalling(folder, number=signal.SIGTERM, **options):
    """Train until a signal comes in the second epoch; gives the error that ends it."""

    def send(runner):
        if runner.epoch == 1:
            os.kill(os.getpid(), number)

    with pytest.raises(StoppedError) as error:
        follow(make_runner(folder, 3, hooks=[Call(send)], **options))
    return error.value


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_training_is_saved_after_the_step_that_is_under_way(tmp_path, number):
    error = signalling(tmp_path / "stopped", number)
    path = tmp_path / "stopped/interrupted.pth"
    assert error.status == 128 + number
    assert str(error).startswith(
        f"Stopped by {number.name} after iteration 3: the training is saved in {path}"
    )
    assert "\n" not in str(error)
    assert (tmp_path / "stopped/last_checkpoint").read_text() == str(path)
    meta = load(path)["meta"]
    assert (meta["epoch"], meta["iter"]) == (1, 3)


def test_of_several_processes_the_one_that_saves_tells_the_launcher(tmp_path, monkeypatch):
    """One that failed before it was done would have the launcher kill it."""
    monkeypatch.setattr("mmlle.engine.checkpoint_hook.is_main_process", lambda: False)
    error = signalling(tmp_path)
    assert (error.status, str(error)) == (0, "")
    assert not (tmp_path / "last_checkpoint").exists()


class Numbers(SeededDataset):
    """Ten numbers, each with an augmentation."""

    def load_data_list(self):
        return [dict(number=float(i)) for i in range(10)]

    def prepare_data(self, idx):
        return dict(inputs=torch.tensor([self.get_data_info(idx)["number"], torch.rand(1).item()]))


class Weighted(Model):
    """Its weights go where the numbers lead them."""

    def forward(self, inputs, data_samples=None, mode="tensor"):
        if mode == "predict":
            return [dict(weight=self.weight[0].item())]
        return dict(loss=(self.weight * torch.stack(inputs)).mean().square())


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("step", [1, 3, 5])
def test_a_stopped_training_goes_on_bit_for_bit(tmp_path, step, workers):
    loader = dict(
        dataset=Numbers(),
        batch_size=2,
        num_workers=workers,
        persistent_workers=workers > 0,
        sampler=dict(type="mmlle.PassSampler"),
    )
    options = dict(
        train_dataloader=loader,
        train_cfg=dict(type="mmlle.ResumableEpochLoop", max_epochs=2),
        param_scheduler=dict(type="ExponentialLR", gamma=0.9, by_epoch=False),
        randomness=dict(seed=3),
        optimizer=dict(type="Adam", lr=0.1),
    )

    def weights(folder):
        return load(folder / "epoch_2.pth")["state_dict"]["weight"]

    make_runner(tmp_path / "whole", model=Weighted(2), **options).train()
    stopped = tmp_path / "stopped"

    class Send(Hook):
        def before_train_iter(self, runner, batch_idx, data_batch=None):
            if runner.iter == step - 1:
                os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(StoppedError, match=f"after iteration {step}:"):
        follow(make_runner(stopped, model=Weighted(2), hooks=[Send()], **options))
    follow(make_runner(stopped, model=Weighted(2), resume=True, **options))
    assert not (stopped / "interrupted.pth").exists()
    assert torch.equal(weights(stopped), weights(tmp_path / "whole"))


def test_a_validation_that_was_stopped_is_repeated(tmp_path):
    class Send(Hook):
        def before_val_iter(self, runner, batch_idx, data_batch=None):
            if runner.epoch == 2 and batch_idx == 0:
                os.kill(os.getpid(), signal.SIGTERM)

    options = dict(
        train_cfg=dict(type="mmlle.ResumableEpochLoop", max_epochs=2), save_best="score", rule="greater"
    )
    with pytest.raises(StoppedError, match="after iteration 4"):
        follow(make_runner(tmp_path, scores=[1, 2], hooks=[Send()], **options))
    assert (tmp_path / "best_score_epoch_1.pth").exists()
    whole = load(tmp_path / "epoch_2.pth")["state_dict"]["weight"]
    runner = make_runner(tmp_path, scores=[2], resume=True, **options)
    follow(runner)
    assert (runner.epoch, runner.iter) == (2, 4)
    assert torch.equal(runner.model.weight.detach(), whole)
    assert (tmp_path / "best_score_epoch_2.pth").exists()


def test_a_validation_leaves_the_weights_and_their_average_apart(tmp_path):
    """It has the average in the place of the weights, which the training goes on with."""

    class Send(Hook):
        def before_val_iter(self, runner, batch_idx, data_batch=None):
            if runner.epoch == 2 and batch_idx == 0:
                os.kill(os.getpid(), signal.SIGTERM)

    average = dict(type="EMAHook", momentum=0.3)
    options = dict(train_cfg=dict(type="mmlle.ResumableEpochLoop", max_epochs=3), scores=[1, 2, 3])
    make_runner(tmp_path / "whole", hooks=[average], **options).train()
    stopped = tmp_path / "stopped"
    with pytest.raises(StoppedError, match="after iteration 4"):
        follow(make_runner(stopped, hooks=[average, Send()], **options))
    follow(make_runner(stopped, hooks=[average], resume=True, **options))
    for name in ("epoch_2.pth", "epoch_3.pth"):
        whole, parts = (load(folder / name) for folder in (tmp_path / "whole", stopped))
        assert parts["state_dict"] == whole["state_dict"] != whole["ema_state_dict"]
        assert parts["ema_state_dict"] == whole["ema_state_dict"]


def test_the_next_checkpoint_replaces_it(tmp_path):
    signalling(tmp_path, max_keep_ckpts=1)
    make_runner(tmp_path, 3, resume=True, max_keep_ckpts=1).train()
    assert [path.name for path in tmp_path.glob("*.pth")] == ["epoch_3.pth"]


def test_without_signals_to_follow_a_process_ends_as_usual(tmp_path):
    def train():
        make_runner(tmp_path, hooks=[Call(lambda runner: os.kill(os.getpid(), signal.SIGTERM))]).train()

    assert end_of(start_process(train)) == -signal.SIGTERM
