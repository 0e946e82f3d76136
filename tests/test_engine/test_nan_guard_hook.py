import math

import pytest
import torch
from mmagic.structures import DataSample
from mmengine.model import BaseModel
from mmengine.runner import Runner

from mmlle.engine.nan_guard_hook import NotFiniteError
from mmlle.utils.errors import UserError

pytestmark = pytest.mark.usefixtures("run_state")


class Model(BaseModel):
    """Its loss is the mean of its batch times its weight."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))

    def forward(self, inputs, data_samples, mode):
        return dict(loss=(self.weight * torch.stack(inputs)).mean(), other=torch.tensor(1.0))


def train(folder, values, lr=0.0):
    """Train on one number after the other, with a checkpoint after each."""
    samples = [
        dict(inputs=torch.tensor(value), data_samples=DataSample(metainfo=dict(img_path=f"{i}.png")))
        for i, value in enumerate(values)
    ]
    runner = Runner(
        Model(),
        work_dir=str(folder),
        train_dataloader=dict(
            dataset=samples, batch_size=1, num_workers=0, sampler=dict(type="DefaultSampler", shuffle=False)
        ),
        train_cfg=dict(by_epoch=False, max_iters=len(values)),
        optim_wrapper=dict(optimizer=dict(type="SGD", lr=lr)),
        default_hooks=dict(checkpoint=dict(type="CheckpointHook", interval=1, by_epoch=False)),
        custom_hooks=[dict(type="mmlle.NaNGuardHook")],
    )
    runner.train()
    return runner


def test_a_sound_training_is_not_stopped(tmp_path):
    train(tmp_path, [1.0, -2.0, 0.0])
    assert len(list(tmp_path.glob("*.pth"))) == 3


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_it(tmp_path, value):
    with pytest.raises(NotFiniteError) as error:
        train(tmp_path, [1.0, 2.0, value, 4.0])
    batch = tmp_path / "not_finite_iter_3_rank_0.pth"
    message = str(error.value)
    assert "loss not finite at iteration 3" in message
    assert f"The last good checkpoint is {tmp_path}/iter_2.pth; the batch is in {batch}." in message
    assert isinstance(error.value, UserError)
    assert {path.name for path in tmp_path.glob("*.pth")} == {"iter_1.pth", "iter_2.pth", batch.name}
    assert torch.load(tmp_path / "iter_2.pth", weights_only=True)["state_dict"]["weight"].item() == 1


def test_the_batch_can_be_looked_at(tmp_path):
    with pytest.raises(NotFiniteError):
        train(tmp_path, [1.0, math.nan])
    saved = torch.load(tmp_path / "not_finite_iter_2_rank_0.pth", weights_only=True)
    assert saved["samples"] == [dict(img_path="1.png")]
    assert saved["inputs"][0].isnan()
    assert math.isnan(saved["losses"]["loss"])
    assert saved["losses"]["other"] == 1


def test_weights_that_are_not_finite_are_not_saved(tmp_path):
    """The loss is finite and its step is not: 1e30 * 1e30 is beyond float32."""
    with pytest.raises(NotFiniteError) as error:
        train(tmp_path, [1e30], lr=1e30)
    message = str(error.value)
    assert "1 tensors are not finite after iteration 1, weight for one. No checkpoint was written." in message
    assert not list(tmp_path.glob("*.pth"))
