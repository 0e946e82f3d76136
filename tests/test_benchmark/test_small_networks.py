import pytest
import torch

from mmlle.benchmark.small_networks import fit


@pytest.mark.parametrize("pixels", [False, True])
def test_it_learns_to_tell_bright_from_dark(pixels):
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 1), torch.nn.ReLU(), torch.nn.Conv2d(8, 2, 1))
    generator = torch.Generator().manual_seed(0)
    steps = []

    def batch(step):
        steps.append(step)
        inputs = torch.rand(16, 3, 4, 4, generator=generator)
        if not pixels:
            inputs = inputs[..., :1, :1]
        classes = (inputs.mean(1) > 0.5).long()
        return inputs, classes if pixels else classes[:, 0, 0]

    def forward(inputs):
        return network(inputs) if pixels else network(inputs)[..., 0, 0]

    assert fit(network, forward, batch, 150, lr=0.03) < 0.25
    assert steps == list(range(150))
    assert not network.training


def test_it_is_repeatable_and_leaves_the_random_state_alone():
    losses = []
    for seed in (0, 1):
        torch.manual_seed(2)
        network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.5), torch.nn.Linear(3, 2))
        torch.manual_seed(seed)
        before = torch.get_rng_state()
        batch = torch.linspace(0, 1, 12).reshape(4, 3, 1, 1), torch.tensor([0, 1, 0, 1])
        losses.append(fit(network, network, lambda step, batch=batch: batch, 5))
        assert torch.equal(torch.get_rng_state(), before)
    assert losses[0] == losses[1]
