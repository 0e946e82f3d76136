import pytest
import torch
from mmengine.optim import OptimWrapper
from torch import nn

from mmlle.engine import BFloat16OptimWrapper
from mmlle.registry import OPTIM_WRAPPERS


def train(kind, accumulate=1):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 3))
    types = []
    model.register_forward_hook(lambda module, inputs, output: types.append(output.dtype))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    wrapper = kind(optimizer, accumulative_counts=accumulate)
    wrapper.initialize_count_status(model, 0, 4)
    losses = []
    for seed in range(4):
        image = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
        with wrapper.optim_context(model):
            loss = (model(image) - 0.5).square().float().mean()
        wrapper.update_params(loss)
        losses.append(loss.item())
    return model, types, losses


def test_the_forward_pass_is_in_bfloat16_and_the_weights_stay_in_float32():
    model, types, _ = train(BFloat16OptimWrapper)
    assert set(types) == {torch.bfloat16}
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert {p.grad.dtype for p in model.parameters() if p.grad is not None} <= {torch.float32}
    assert not torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize("accumulate", [1, 2])
def test_it_trains_like_full_precision(accumulate):
    (mixed, _, losses), (full, types, expected) = (
        train(kind, accumulate) for kind in (BFloat16OptimWrapper, OptimWrapper)
    )
    assert set(types) == {torch.float32}
    assert losses[-1] < losses[0]
    assert losses == pytest.approx(expected, rel=0.02)
    assert losses != expected
    for one, other in zip(mixed.parameters(), full.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0.01)


def test_it_is_registered():
    optimizer = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.1)
    wrapper = OPTIM_WRAPPERS.build(
        dict(type="BFloat16OptimWrapper", optimizer=optimizer, clip_grad=dict(max_norm=0.1))
    )
    assert wrapper.clip_grad_kwargs == {"max_norm": 0.1}
