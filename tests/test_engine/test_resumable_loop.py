import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler

from mmlle.datasets import SeededDataset
from mmlle.utils.errors import UserError

pytestmark = pytest.mark.usefixtures("run_state")


class Numbers(SeededDataset):
    """Ten numbers, each with an augmentation."""

    def load_data_list(self):
        return [dict(number=float(i)) for i in range(10)]

    def prepare_data(self, idx):
        return dict(inputs=torch.tensor([self.get_data_info(idx)["number"], torch.rand(1).item()]))


class Recorder(BaseModel):
    """Keeps the batches that it is trained with."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(2))
        self.batches = []

    def forward(self, inputs, mode):
        self.batches.append(torch.stack(list(inputs)).tolist())
        return dict(loss=(self.weight * torch.stack(list(inputs))).mean())


def train(
    folder,
    name,
    loop="mmlle.ResumableEpochLoop",
    batch_size=2,
    resume_from=None,
    workers=0,
    sampler="mmlle.PassSampler",
    loader=None,
):
    model = Recorder()
    runner = Runner(
        model,
        work_dir=str(folder / name),
        experiment_name=name,
        train_dataloader=loader
        or dict(
            dataset=Numbers(),
            batch_size=batch_size,
            num_workers=workers,
            persistent_workers=workers > 0,
            sampler=dict(type=sampler),
        ),
        train_cfg=dict(type=loop, max_epochs=2),
        optim_wrapper=dict(optimizer=dict(type="SGD", lr=0.1)),
        default_hooks=dict(
            checkpoint=dict(type="CheckpointHook", interval=1, by_epoch=False), logger=dict(type="LoggerHook")
        ),
        randomness=dict(seed=3),
        load_from=None if resume_from is None else str(folder / resume_from),
        resume=resume_from is not None,
        log_level="ERROR",
    )
    runner.train()
    return model.batches, runner


@pytest.mark.parametrize("done", [1, 3, 5, 7, 9])
def test_a_resumed_training_goes_on_with_the_next_batch(tmp_path, done):
    whole, _ = train(tmp_path, "whole")
    assert len(whole) == 10
    rest, runner = train(tmp_path, "rest", resume_from=f"whole/iter_{done}.pth")
    assert rest == whole[done:]
    assert (runner.epoch, runner.iter) == (2, 10)


def test_with_workers_that_persist(tmp_path):
    whole, _ = train(tmp_path, "whole")
    rest, _ = train(tmp_path, "rest", resume_from="whole/iter_3.pth", workers=1)
    assert rest == whole[3:]


def test_an_incomplete_last_batch(tmp_path):
    whole, _ = train(tmp_path, "whole", batch_size=4)
    assert [len(batch) for batch in whole] == [4, 4, 2, 4, 4, 2]
    for done in (2, 4):
        rest, _ = train(tmp_path, f"rest{done}", batch_size=4, resume_from=f"whole/iter_{done}.pth")
        assert rest == whole[done:]


def test_mmengines_own_loop_begins_the_epoch_again(tmp_path):
    whole, _ = train(tmp_path, "whole")
    rest, _ = train(tmp_path, "rest", loop="EpochBasedTrainLoop", resume_from="whole/iter_3.pth")
    assert rest[:5] == whole[:5]


def test_under_another_sampler_it_does_so_too_and_says_so(tmp_path, monkeypatch):
    lines = []
    monkeypatch.setattr("mmlle.engine.resumable_loop.print_log", lambda text, *_: lines.append(text))
    whole, _ = train(tmp_path, "whole", sampler="DefaultSampler")
    assert not lines
    rest, runner = train(tmp_path, "rest", sampler="DefaultSampler", resume_from="whole/iter_3.pth")
    assert [[number for number, _ in batch] for batch in rest] == [
        [number for number, _ in batch] for batch in whole
    ]
    assert (runner.epoch, runner.iter) == (2, 13)
    assert lines == [
        "Epoch 1 begins again: DefaultSampler cannot go on within an epoch, as PassSampler does."
    ]
    lines.clear()
    # Between epochs there is nothing to repeat.
    rest, _ = train(tmp_path, "last", sampler="DefaultSampler", resume_from="whole/iter_5.pth")
    assert len(rest) == 5
    assert not lines


def test_a_sampler_of_batches(tmp_path):
    def loader():
        data = Numbers()
        batches = BatchSampler(SequentialSampler(data), 4, drop_last=False)
        return DataLoader(data, batch_sampler=batches, collate_fn=pseudo_collate)

    whole, _ = train(tmp_path, "whole", loader=loader())
    assert [len(batch) for batch in whole] == [4, 4, 2] * 2
    rest, _ = train(tmp_path, "rest", loader=loader(), resume_from="whole/iter_1.pth")
    assert [len(batch) for batch in rest] == [4, 4, 2] * 2


def test_between_epochs_a_training_may_go_on_with_another_batch_size(tmp_path):
    train(tmp_path, "before")
    batches, runner = train(tmp_path, "after", batch_size=5, resume_from="before/iter_5.pth")
    # The second epoch of ten numbers as a whole, however the first one was cut up.
    assert [len(batch) for batch in batches] == [5, 5]
    assert sorted(number for batch in batches for number, _ in batch) == list(range(10))
    assert runner.epoch == 2


def test_within_an_epoch_too_if_its_batches_add_up_to_what_is_done(tmp_path):
    whole, _ = train(tmp_path, "before")
    batches, _ = train(tmp_path, "after", batch_size=4, resume_from="before/iter_2.pth")
    assert [len(batch) for batch in batches] == [4, 2, 4, 4, 2]
    assert [x for batch in batches[:2] for x in batch] == [x for batch in whole[2:5] for x in batch]


def test_otherwise_it_says_so(tmp_path):
    train(tmp_path, "before")
    with pytest.raises(UserError, match="6 images.*batches of 5"):
        train(tmp_path, "after", batch_size=5, resume_from="before/iter_3.pth")
