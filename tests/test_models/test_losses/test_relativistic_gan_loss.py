import pytest
import torch

from mmlle.models.losses import relativistic_gan_loss
from mmlle.registry import MODELS

REAL = torch.tensor([1.0, 3.0]).view(2, 1, 1, 1)
FAKE = torch.tensor([0.0, 1.0]).view(2, 1, 1, 1)
# Means 2 and 0.5.
DISCRIMINATOR = ((0.5 - 1) ** 2 + (2.5 - 1) ** 2) / 2 / 2 + (2**2 + 1**2) / 2 / 2
GENERATOR = ((0 - 2 - 1) ** 2 + (1 - 2 - 1) ** 2) / 2 / 2 + (0.5**2 + 2.5**2) / 2 / 2


def test_by_hand():
    assert relativistic_gan_loss(REAL, FAKE).item() == pytest.approx(DISCRIMINATOR)
    assert relativistic_gan_loss(FAKE, REAL).item() == pytest.approx(GENERATOR)


@pytest.mark.parametrize("weight", [1, 0.25])
def test_the_weight_is_for_the_generator_alone(weight):
    loss = MODELS.build(dict(type="RelativisticGANLoss", loss_weight=weight))
    assert loss(REAL, FAKE, is_disc=True).item() == pytest.approx(DISCRIMINATOR)
    assert loss(REAL, FAKE).item() == pytest.approx(weight * GENERATOR)


def test_the_mean_is_over_the_batch_and_the_positions():
    torch.manual_seed(0)
    real, fake = torch.rand(2, 3, 1, 4, 5)
    error_real, error_fake = real - fake.mean() - 1, fake - real.mean()
    expected = (error_real.pow(2).sum() + error_fake.pow(2).sum()) / 60 / 2
    torch.testing.assert_close(relativistic_gan_loss(real, fake), expected)


def test_gradient_is_that_of_finite_differences():
    torch.manual_seed(0)
    scores = torch.rand(2, 2, 1, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: relativistic_gan_loss(x[0], x[1]), scores)
