import copy

import pytest
import torch
from mmengine.model import BaseModel
from torch import nn

from mmlle.apis.runner import StrictRunner

pytestmark = pytest.mark.usefixtures("run_state")


class Model(BaseModel):
    """A generator whose weight grows with each step, and a discriminator's that does as well."""

    def __init__(self):
        super().__init__()
        self.generator = nn.Linear(1, 1, bias=False)
        self.discriminator = nn.Linear(1, 1, bias=False)
        self.seen = []
        nn.init.zeros_(self.generator.weight)
        nn.init.zeros_(self.discriminator.weight)

    def forward(self, inputs, mode):
        if mode != "loss":
            self.seen.append((self.generator.weight.item(), self.discriminator.weight.item()))
            return [None]
        return dict(loss=-self.generator.weight.sum() - self.discriminator.weight.sum())


def train(folder, epochs, resume_from=None, load_from=None):
    torch.manual_seed(0)
    loader = dict(
        dataset=[dict(inputs=torch.zeros(1))] * 2,
        batch_size=1,
        num_workers=0,
        sampler=dict(type="DefaultSampler", shuffle=False),
    )
    runner = StrictRunner(
        Model(),
        work_dir=str(folder),
        experiment_name=f"{folder.name}_{epochs}_{bool(resume_from)}",
        train_dataloader=loader,
        val_dataloader=copy.deepcopy(loader),
        val_evaluator=[],
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        val_cfg=dict(),
        optim_wrapper=dict(optimizer=dict(type="SGD", lr=1.0)),
        default_hooks=dict(checkpoint=dict(type="CheckpointHook", interval=1)),
        custom_hooks=[dict(type="mmlle.GeneratorEMAHook", momentum=0.25)],
        resume=resume_from is not None,
        load_from=resume_from or load_from,
    )
    runner.train()
    return runner.model


def state(path):
    checkpoint = torch.load(path, weights_only=True)
    average = checkpoint["ema_state_dict"]
    values = [checkpoint["state_dict"][f"{n}.weight"].item() for n in ("generator", "discriminator")]
    return values, average["module.weight"].item()


# Each step adds 1 to the weights. MMEngine's average begins with the weights after the first step.
AVERAGES = [1.0]
for weight in (2, 3, 4, 5, 6):
    AVERAGES.append(0.75 * AVERAGES[-1] + 0.25 * weight)


def test_validation_and_checkpoints_have_the_average_of_the_generator_alone(tmp_path):
    model = train(tmp_path, epochs=2)
    # Two images in each of two validations, after two and four steps.
    assert model.seen == [(AVERAGES[1], 2.0)] * 2 + [(AVERAGES[3], 4.0)] * 2
    assert (model.generator.weight.item(), model.discriminator.weight.item()) == (4, 4)
    assert state(tmp_path / "epoch_1.pth") == ([AVERAGES[1], 2.0], 2.0)
    assert state(tmp_path / "epoch_2.pth") == ([AVERAGES[3], 4.0], 4.0)


def test_a_resumed_training_goes_on_with_both(tmp_path):
    train(tmp_path / "whole", epochs=3)
    train(tmp_path / "parts", epochs=1)
    model = train(tmp_path / "parts", epochs=3, resume_from=str(tmp_path / "parts/epoch_1.pth"))
    assert (model.generator.weight.item(), model.discriminator.weight.item()) == (6, 6)
    assert state(tmp_path / "parts/epoch_3.pth") == state(tmp_path / "whole/epoch_3.pth")
    assert state(tmp_path / "parts/epoch_3.pth")[0] == [AVERAGES[5], 6.0]


def test_it_begins_with_given_weights(tmp_path):
    """Of a checkpoint without an average, such as a converted one."""
    weights = {"generator.weight": torch.full((1, 1), 10.0), "discriminator.weight": torch.full((1, 1), 20.0)}
    torch.save(dict(state_dict=weights, meta={}), tmp_path / "given.pth")
    model = train(tmp_path / "run", epochs=1, load_from=str(tmp_path / "given.pth"))
    assert model.generator.weight.item() == 12
    (generator, discriminator), _ = state(tmp_path / "run/epoch_1.pth")
    assert 10 < generator < 12
    assert discriminator == 22


def test_a_test_uses_the_average(tmp_path):
    """tools/test.py loads the checkpoint before the runner begins."""
    train(tmp_path, epochs=2)
    runner = StrictRunner(
        Model(),
        work_dir=str(tmp_path / "test"),
        experiment_name="test",
        test_dataloader=dict(
            dataset=[dict(inputs=torch.zeros(1))], sampler=dict(type="DefaultSampler", shuffle=False)
        ),
        test_evaluator=[],
        test_cfg=dict(),
        custom_hooks=[dict(type="mmlle.GeneratorEMAHook", momentum=0.25)],
    )
    runner.load_checkpoint(str(tmp_path / "epoch_2.pth"))
    runner.test()
    assert runner.model.seen == [(AVERAGES[3], 4.0)]
