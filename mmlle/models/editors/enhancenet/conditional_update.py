import torch
from mmengine.dist import all_reduce
from torch import Tensor, nn

__all__ = ["ConditionalUpdate"]


class ConditionalUpdate(nn.Module):
    """Decides whether a discriminator is trained: only while it is not too good already.

    EnhanceNet (Sajjadi et al., ICCV 2017, Sec. 4.2.4) keeps the discriminator's average performance on real
    and on generated images over the previous batch, and trains it in the next step only if its performance on
    either is below a threshold. The paper gives neither threshold nor measure; here the performance is the
    probability that the discriminator gives to the truth, averaged over the batches of all processes, so that
    all of them decide alike. It is a buffer: a resumed training decides as an uninterrupted one.

    Args:
        real_threshold: Threshold for real images. Above 1, the discriminator is always trained.
        fake_threshold: Threshold for generated images.

    Attributes:
        performance: (2,), on real and on generated images, in [0, 1]; 0 before the first batch.
    """

    performance: Tensor

    def __init__(self, real_threshold: float, fake_threshold: float) -> None:
        super().__init__()
        self.thresholds = real_threshold, fake_threshold
        self.register_buffer("performance", torch.zeros(2))

    def due(self) -> bool:
        """Tell whether the discriminator is to be trained in this step."""
        found = self.performance.tolist()
        return any(value < limit for value, limit in zip(found, self.thresholds, strict=True))

    def record(self, real: Tensor, fake: Tensor) -> None:
        """Keep the performance on this batch for the next step.

        Args:
            real: Logits for real images, high where the discriminator is right; any shape.
            fake: Logits for generated images, low where it is right.
        """
        right = torch.stack([logits.detach().float().sigmoid().mean() for logits in (real, -fake)])
        all_reduce(right, "mean")
        self.performance.copy_(right)
