import json

import pytest
import torch
from tiny_training import Model, end_of, make_runner, start_process
from torch import distributed

pytestmark = pytest.mark.usefixtures("run_state")


class Ranked(Model):
    """Its loss is another one in each process."""

    def forward(self, inputs, data_samples=None, mode="tensor"):
        value = self.values[distributed.get_rank() if distributed.is_initialized() else 0]
        return dict(loss=self.weight.sum() * 0 + value, other=torch.tensor(value * 10))


def train(folder, rank, values):
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
    Ranked.values = values
    hooks = [dict(type="mmlle.MeanLossHook"), dict(type="LoggerHook", interval=1)]
    make_runner(folder / "run", 1, Ranked(), hooks=hooks).train()


def test_the_losses_of_two_processes_are_logged_as_their_means(tmp_path):
    processes = [start_process(lambda rank=rank: train(tmp_path, rank, (1.0, 4.0))) for rank in (0, 1)]
    assert [end_of(process) for process in processes] == [0, 0]
    (log,) = tmp_path.glob("run/*/vis_data/scalars.json")
    records = [json.loads(line) for line in log.read_text().splitlines()]
    assert {(record["loss"], record["other"]) for record in records} == {(2.5, 25.0)}


def test_one_that_is_not_a_number_ends_all_of_them(tmp_path):
    values = (1.0, float("nan"))
    processes = [start_process(lambda rank=rank: train(tmp_path, rank, values)) for rank in (0, 1)]
    assert [end_of(process) for process in processes] == [1, 1]
    assert len(list(tmp_path.glob("run/not_finite_iter_1_rank_*.pth"))) == 2


def test_one_process_keeps_its_own(tmp_path):
    Ranked.values = (3.0,)
    runner = make_runner(tmp_path, 1, Ranked(), hooks=[dict(type="mmlle.MeanLossHook")])
    runner.train()
    assert runner.message_hub.get_scalar("train/loss").current() == 3.0
