from types import SimpleNamespace

import pytest
from torch import nn

from mmlle.engine import LossWeightWarmUpHook
from mmlle.models import ColorPreservationLoss
from mmlle.registry import HOOKS
from mmlle.utils.errors import UserError


@pytest.fixture
def model():
    model = nn.Module()
    model.one, model.two, model.three = (ColorPreservationLoss(weight) for weight in (1.0, 4.0, 2.0))
    return model


def weights(model):
    return [loss.loss_weight for loss in (model.one, model.two, model.three)]


def test_the_weights_grow_evenly_to_those_of_the_config(model):
    hook = HOOKS.build(dict(type="LossWeightWarmUpHook", losses=["one", "two"], iterations=4))
    runner = SimpleNamespace(model=model, iter=0)
    hook.before_train(runner)
    seen = []
    for runner.iter in range(6):
        hook.before_train_iter(runner, 0)
        seen.append(weights(model))
    assert [one for one, _, _ in seen] == [0.25, 0.5, 0.75, 1, 1, 1]
    assert [two for _, two, _ in seen] == [1, 2, 3, 4, 4, 4]
    assert {three for _, _, three in seen} == {2.0}


def test_a_resumed_training_goes_on_where_it_was(model):
    hook = LossWeightWarmUpHook(["two"], 8)
    runner = SimpleNamespace(model=model, iter=5)
    hook.before_train(runner)
    hook.before_train_iter(runner, 0)
    assert weights(model) == [1, 3, 2]


def test_a_loss_that_is_not_there_is_an_error(model):
    model.no_loss = nn.Identity()
    with pytest.raises(UserError, match="Module has no loss four, no_loss; it has one, two, three"):
        LossWeightWarmUpHook(["four", "two", "no_loss"], 8).before_train(SimpleNamespace(model=model))
