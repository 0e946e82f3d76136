import pytest
import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

from mmlle.utils.errors import UserError

pytestmark = pytest.mark.usefixtures("run_state")


class Model(BaseModel):
    """A normalisation that notes by which mean it normalised in each step."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(1)
        self.seen = []

    def forward(self, inputs, mode):
        result = self.norm(inputs)
        self.seen.append((self.norm.training, self.norm.running_mean.item()))
        return dict(loss=(result - 1).square().sum())


def train(folder, begin, epochs, resume=False, loop=None, **hook):
    runner = Runner(
        Model(),
        work_dir=str(folder),
        experiment_name=f"{folder.name}_{epochs}",
        train_dataloader=dict(
            dataset=[dict(inputs=torch.tensor([value])) for value in (0.0, 1.0, 2.0, 5.0)],
            batch_size=2,
            num_workers=0,
            sampler=dict(type="DefaultSampler", shuffle=False),
            collate_fn=dict(type="default_collate"),
        ),
        train_cfg=loop or dict(by_epoch=True, max_epochs=epochs),
        optim_wrapper=dict(optimizer=dict(type="SGD", lr=0.1)),
        custom_hooks=[dict(type="mmlle.NormEvalHook", begin=begin, **hook)],
        resume=resume,
    )
    runner.train()
    return runner.model


def test_statistics_stand_still_from_an_epoch_on_and_scale_and_shift_do_not(tmp_path):
    first = train(tmp_path / "first", begin=9, epochs=1)
    model = train(tmp_path / "all", begin=1, epochs=3)
    assert [training for training, _ in model.seen] == [True] * 2 + [False] * 4
    assert {mean for _, mean in model.seen[2:]} == {first.norm.running_mean.item()}
    assert torch.equal(model.norm.running_var, first.norm.running_var)
    assert not torch.equal(model.norm.weight, first.norm.weight)
    assert not torch.equal(model.norm.bias, first.norm.bias)


def test_a_resumed_training_goes_on_with_them(tmp_path):
    train(tmp_path / "parts", begin=1, epochs=2)
    resumed = train(tmp_path / "parts", begin=1, epochs=3, resume=True)
    whole = train(tmp_path / "whole", begin=1, epochs=3)
    assert resumed.seen == whole.seen[4:]
    assert resumed.state_dict().keys() == whole.state_dict().keys()
    assert all(torch.equal(resumed.state_dict()[name], value) for name, value in whole.state_dict().items())


def test_a_loop_of_iterations_counts_them_and_has_no_epochs_to_wait_for(tmp_path):
    loop = dict(type="IterBasedTrainLoop", max_iters=5)
    with pytest.raises(UserError, match="waits for epoch 1, and IterBasedTrainLoop.*by_epoch=False"):
        train(tmp_path / "refused", 1, 0, loop=loop)
    model = train(tmp_path / "fixed", 3, 0, loop=loop, by_epoch=False)
    assert [training for training, _ in model.seen] == [True] * 3 + [False] * 2
    assert not any(training for training, _ in train(tmp_path / "all", 0, 0, loop=loop).seen)
