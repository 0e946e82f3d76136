import pytest
import torch

from mmlle.utils.errors import UserError


def test_it_takes_one_step_of_its_own_training(build, images):
    original = build("sgz")
    before = [weight.detach().clone() for weight in original.network.parameters()]
    original.train_step(images("img"))
    for old, new in zip(before, original.network.parameters(), strict=True):
        # Adam's first step is about the learning rate, of whatever gradient there is.
        assert 0 < (old - new).abs().max() < 1.01e-4


def test_losses_add_up_and_leave_its_segmentor_training(build, images):
    original = build("sgz")
    before = original.segmentor[1].running_mean.clone()
    losses = original.losses(images("img"))
    total = losses.pop("loss")
    torch.testing.assert_close(total, sum(losses.values()))
    assert torch.equal(original.segmentor[1].running_mean, before)
    assert original.segmentor.training


def test_it_takes_the_scale_of_our_config(build, images):
    original = build("sgz", scale_factor=4)
    assert original.network.network.scale_factor == 4
    assert original.enhance(images("img", size=(8, 12))).shape == (2, 3, 8, 12)
    with pytest.raises(UserError, match="multiples of its scale factor 4, not 8x13"):
        original.enhance(images("img", size=(8, 13)))
