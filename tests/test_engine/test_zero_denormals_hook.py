import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import EMAHook
from mmengine.model import BaseModel
from mmengine.runner import Runner

from mmlle.engine import ZeroDenormalsHook

pytestmark = pytest.mark.usefixtures("run_state")


class Model(BaseModel):
    """Half of its weights are dead: their gradient is zero."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(4))
        self.register_buffer("mean", torch.tensor([1e-40, 1.0]))

    def forward(self, inputs, data_samples, mode):
        alive = self.weight * torch.tensor([1.0, 1.0, 0.0, 0.0])
        return dict(loss=((alive - 2) ** 2).sum() + 0 * torch.stack(inputs).sum())


def train(folder, steps=40, hooks=("ZeroDenormalsHook",), optimizer=None, **checkpoint):
    """Train with a decay that makes a dead weight ten times smaller in each step."""
    custom = [dict(type=f"mmlle.{name}", interval=10) for name in hooks]
    custom.append(dict(type="EMAHook", momentum=0.9, update_buffers=True))
    runner = Runner(
        Model(),
        work_dir=str(folder),
        experiment_name=folder.name,
        train_dataloader=dict(
            dataset=[dict(inputs=torch.ones(1), data_samples=None)] * steps,
            batch_size=1,
            num_workers=0,
            sampler=dict(type="DefaultSampler", shuffle=False),
            collate_fn=dict(type="pseudo_collate"),
        ),
        train_cfg=dict(by_epoch=False, max_iters=steps),
        optim_wrapper=dict(optimizer=optimizer or dict(type="SGD", lr=0.1, weight_decay=9.9, momentum=0.01)),
        default_hooks=dict(checkpoint=checkpoint and dict(by_epoch=False, **checkpoint) or None),
        custom_hooks=custom,
        cfg=Config(dict(model=dict())),
    )
    runner.train()
    return runner


def count_denormals(*tensors):
    return sum(int(((tensor != 0) & (tensor.abs() < 1.2e-38)).sum()) for tensor in tensors)


def tensors_of(runner):
    (ema,) = (hook for hook in runner.hooks if isinstance(hook, EMAHook))
    states = runner.optim_wrapper.optimizer.state.values()
    return dict(
        model=list(runner.model.state_dict().values()),
        average=[ema.ema_model.module.weight.detach(), ema.ema_model.module.mean],
        optimizer=[value for state in states for value in state.values() if value is not None],
    )


def test_weight_decay_leaves_denormals_without_the_hook(tmp_path):
    """What the other tests rely on."""
    for name, tensors in tensors_of(train(tmp_path, hooks=())).items():
        assert count_denormals(*tensors) > 0, name


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
def test_the_hook_zeroes_weights_averages_and_the_optimiser_s_state(tmp_path, kind):
    optimizer = dict(type="Adam", lr=0.1) if kind == "Adam" else None
    runner = train(tmp_path, optimizer=optimizer)
    for tensors in tensors_of(runner).values():
        assert count_denormals(*tensors) == 0
    assert runner.model.weight[:2].count_nonzero() == 2
    assert runner.model.mean.tolist() == [0, 1]


def test_what_is_alive_is_trained_bitwise_as_without(tmp_path):
    plain = train(tmp_path / "a", hooks=())
    zeroed = train(tmp_path / "b")
    assert torch.equal(zeroed.model.weight[:2], plain.model.weight[:2])
    assert (plain.model.weight[2:] != 0).all()
    assert (zeroed.model.weight[2:] == 0).all()


def test_it_acts_in_every_so_many_iterations(tmp_path):
    runner = train(tmp_path, steps=37, hooks=())
    hook = ZeroDenormalsHook(interval=5)
    for done, zeroed in ((38, False), (39, True)):
        runner._train_loop._iter = done
        hook.after_train_iter(runner, 0)
        assert (runner.model.weight[2:] == 0).all().item() is zeroed


def test_a_checkpoint_holds_none_and_nor_does_the_training_that_wrote_it(tmp_path):
    runner = train(tmp_path, hooks=(), type="mmlle.CheckpointHook", interval=40)
    checkpoint = torch.load(tmp_path / "iter_40.pth", weights_only=True)
    saved = [*checkpoint["state_dict"].values(), *checkpoint["ema_state_dict"].values()]
    saved += [value for state in checkpoint["optimizer"]["state"].values() for value in state.values()]
    assert count_denormals(*(value for value in saved if value is not None)) == 0
    for tensors in tensors_of(runner).values():
        assert count_denormals(*tensors) == 0
    assert torch.equal(checkpoint["ema_state_dict"]["module.weight"], runner.model.weight)
