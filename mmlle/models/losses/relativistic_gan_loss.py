from torch import Tensor, nn

from mmlle.registry import MODELS

__all__ = ["RelativisticGANLoss", "relativistic_gan_loss"]


def relativistic_gan_loss(better: Tensor, worse: Tensor) -> Tensor:
    r"""Least-squares relativistic average loss: the better images score by one higher than the worse.

    .. math::
        L = \frac{1}{2} \Big( \big\langle (b - \langle w \rangle - 1)^2 \big\rangle
            + \big\langle (w - \langle b \rangle)^2 \big\rangle \Big),

    :math:`\langle \cdot \rangle` the mean over a batch and the positions in its images. For the discriminator
    the real images are the better ones; for the generator, which aims at the opposite, the generated ones.
    EnlightenGAN, Eqs. 3 and 4 (Jiang et al., TIP 2021), after Jolicoeur-Martineau, ICLR 2019. The paper
    writes it without the half, which is the code's.

    Args:
        better: Scores of the images that should score higher, of any shape.
        worse: Scores of the others.

    Returns:
        Scalar.
    """
    gap = (better - worse.mean() - 1).square().mean() + (worse - better.mean()).square().mean()
    return gap / 2


@MODELS.register_module()
class RelativisticGANLoss(nn.Module):
    """:func:`relativistic_gan_loss`; the generator's is multiplied by ``loss_weight``.

    As in MMagic's GANLoss the weight is for the generator alone: it sets the share of the adversarial loss
    among the generator's losses, of which the discriminator has no others.

    Args:
        loss_weight: Factor of the generator's loss; 2 for the paper's form, without the half.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, real: Tensor, fake: Tensor, is_disc: bool = False) -> Tensor:
        """Loss of a discriminator's scores of real and of generated images.

        Args:
            real: Scores of real images, of any shape.
            fake: Scores of generated images.
            is_disc: Whether it is the discriminator that is trained, or the generator.

        Returns:
            Scalar.
        """
        if is_disc:
            return relativistic_gan_loss(better=real, worse=fake)
        return self.loss_weight * relativistic_gan_loss(better=fake, worse=real)
