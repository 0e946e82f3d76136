import torch


def test_losses_add_up_and_a_step_changes_the_weights(build, images):
    original = build("zero_dce")
    batch = images("img")
    losses = original.losses(batch)
    total = losses.pop("loss")
    torch.testing.assert_close(total, sum(losses.values()))
    before = original.network.network.conv1.weight.detach().clone()
    original.train_step(batch)
    assert 0 < (original.network.network.conv1.weight - before).abs().max() < 1.01e-4
    assert original.max_grad_norm == 0.1
