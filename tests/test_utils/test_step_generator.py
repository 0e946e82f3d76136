import pytest
import torch
from mmengine.logging import MessageHub

from mmlle.utils import step_generator as module
from mmlle.utils.step_generator import step_generator

pytestmark = pytest.mark.usefixtures("run_state")


def draw():
    return torch.rand(4, generator=step_generator()).tolist()


@pytest.fixture
def hub():
    return MessageHub.get_current_instance()


def test_it_depends_on_seed_iteration_and_rank_alone(hub, monkeypatch):
    drawn = {}
    for seed in (0, 7):
        for iteration in (0, 1, 2):
            for rank in (0, 1):
                hub.update_info("seed", seed)
                hub.update_info("iter", iteration)
                monkeypatch.setattr(module, "get_rank", lambda rank=rank: rank)
                torch.manual_seed(len(drawn))
                drawn[seed, iteration, rank] = draw()
                assert draw() == drawn[seed, iteration, rank]
    assert len({tuple(numbers) for numbers in drawn.values()}) == 12


def test_the_training_s_own_randomness_is_untouched(hub):
    before = torch.get_rng_state()
    draw()
    assert torch.equal(torch.get_rng_state(), before)


def test_without_a_runner_it_is_always_the_same():
    assert draw() == draw()
    MessageHub.get_current_instance().update_info("seed", None)
    assert draw() == draw()
