import pytest
import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

from mmlle.engine import GradNormHook

pytestmark = pytest.mark.usefixtures("run_state")

SGD = dict(type="OptimWrapper", optimizer=dict(type="SGD", lr=0.1))


class Model(BaseModel):
    """Two networks: gradient of the first is (3, 4) times the input, of the second (6, 8) times."""

    def __init__(self):
        super().__init__()
        self.generator = nn.Linear(2, 1, bias=False)
        self.discriminator = nn.Linear(2, 1, bias=False)

    def forward(self, inputs, mode):
        return dict(
            loss_generator=self.generator(inputs * torch.tensor([3.0, 4.0])).sum(),
            loss_discriminator=self.discriminator(inputs * torch.tensor([6.0, 8.0])).sum(),
        )

    def train_step(self, data, optim_wrapper):
        if not hasattr(optim_wrapper, "items"):
            return super().train_step(data, optim_wrapper)
        losses = self(**data, mode="loss")
        for name, wrapper in optim_wrapper.items():
            wrapper.update_params(losses[f"loss_{name}"])
        return losses


def train(folder, optim_wrapper, hooks=(dict(type="mmlle.GradNormHook"),)):
    torch.manual_seed(0)
    runner = Runner(
        Model(),
        work_dir=str(folder),
        experiment_name=folder.name,
        train_dataloader=dict(
            dataset=[dict(inputs=torch.full((2,), value)) for value in (1.0, 2.0)],
            batch_size=1,
            num_workers=0,
            sampler=dict(type="DefaultSampler", shuffle=False),
            collate_fn=dict(type="default_collate"),
        ),
        train_cfg=dict(by_epoch=True, max_epochs=1),
        optim_wrapper=optim_wrapper,
        custom_hooks=list(hooks),
    )
    runner.train()
    return runner


def norms(runner):
    scalars = runner.message_hub.log_scalars
    return {
        name.removeprefix("train/"): list(buffer.data[0])
        for name, buffer in scalars.items()
        if "grad_norm" in name
    }


def test_the_norm_over_all_weights_is_logged_for_each_step(tmp_path):
    runner = train(tmp_path, SGD)
    assert norms(runner)["grad_norm"] == pytest.approx([125**0.5, 2 * 125**0.5])


def test_each_of_several_optimisers_has_its_own(tmp_path):
    wrappers = dict(
        constructor="mmagic.MultiOptimWrapperConstructor", generator=dict(SGD), discriminator=dict(SGD)
    )
    logged = norms(train(tmp_path, wrappers))
    assert logged == dict(
        grad_norm_generator=pytest.approx([5, 10]), grad_norm_discriminator=pytest.approx([10, 20])
    )


def test_gradient_that_is_clipped_is_logged_once_as_it_was_before(tmp_path):
    logged = norms(train(tmp_path, dict(SGD, clip_grad=dict(max_norm=0.1))))
    assert logged == dict(grad_norm=pytest.approx([125**0.5, 2 * 125**0.5]))


def test_of_several_optimisers_clipped_ones_have_their_names_too(tmp_path):
    wrappers = dict(
        constructor="mmagic.MultiOptimWrapperConstructor",
        generator=dict(SGD, clip_grad=dict(max_norm=0.1)),
        discriminator=dict(SGD, clip_grad=dict(max_norm=0.1)),
    )
    runner = train(tmp_path, wrappers)
    assert norms(runner) == dict(
        grad_norm_generator=pytest.approx([5, 10]), grad_norm_discriminator=pytest.approx([10, 20])
    )
    assert {each.grad_name for each in runner.optim_wrapper.values()} == {"grad_norm"}


def test_the_training_is_the_same_as_without(tmp_path):
    without, with_hook = (
        train(tmp_path / name, SGD, hooks).model.state_dict()
        for name, hooks in (("without", ()), ("with", [GradNormHook()]))
    )
    assert without.keys() == with_hook.keys()
    assert all(torch.equal(with_hook[name], value) for name, value in without.items())


def test_the_optimiser_is_left_as_it_was(tmp_path):
    assert not train(tmp_path, SGD).optim_wrapper.optimizer._optimizer_step_pre_hooks
