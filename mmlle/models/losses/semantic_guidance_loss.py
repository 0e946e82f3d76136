import warnings

import torch
from torch import Tensor, nn

from mmlle.registry import MODELS

from ..archs.frozen import FrozenNetwork
from ..archs.segmentor import build_segmentor, load_segmentor_weights
from ..utils.fuse_batch_norm import fuse_batch_norm

__all__ = ["SemanticGuidanceLoss", "semantic_guidance_loss"]


def semantic_guidance_loss(logits: Tensor, gamma: float = 2.0) -> Tensor:
    r"""Focal loss of a segmentation against its own most likely class: no labels are needed.

    .. math::
        L = -\frac{1}{H W} \sum (1 - p)^\gamma \log p,

    :math:`p` the probability of the class that is the most likely at a pixel (Zheng & Gupta, WACVW 2022,
    Sec. 3.4; the focal loss of Lin et al., ICCV 2017, with :math:`\beta = 1`).

    Args:
        logits: (N, K, H, W), the segmentation network's output.
        gamma: Focusing parameter.

    Returns:
        Scalar.
    """
    log_p = logits.log_softmax(dim=1).amax(dim=1)
    p = log_p.exp()
    return -((1 - p) ** gamma * log_p).mean()


@MODELS.register_module()
class SemanticGuidanceLoss(nn.Module):
    """:func:`semantic_guidance_loss` of a frozen segmentation network on the enhanced image.

    The gradient passes through the network into the image; the network itself is never trained, stays in eval
    mode and outside checkpoints and optimisers. Its logits are taken at the resolution of its head.

    Args:
        segmentor: Config of an MMSegmentation segmentor, its types written for the scope ``mmseg``; or a
            module that turns (N, 3, H, W) into logits.
        weights: URL, ``open-mmlab://`` name or local file of weights for the whole segmentor or for its
            backbone. None leaves the random weights, with a warning: the guidance is then random.
        gamma: Focusing parameter of the focal loss.
        loss_weight: Factor of the loss.
        mean: Channel means, R, G, B in [0, 1], subtracted from the image.
        std: Channel standard deviations by which it is then divided. The original code feeds the image as it
            is: means 0 and deviations 1.
        seed: Seed of the random weights. They are in no checkpoint, so a resumed training draws them again.
    """

    config: dict | nn.Module
    mean: Tensor
    std: Tensor

    def __init__(
        self,
        segmentor: dict | nn.Module,
        weights: str | None = None,
        gamma: float = 2.0,
        loss_weight: float = 1.0,
        mean: tuple[float, float, float] = (0.485, 0.456, 0.406),
        std: tuple[float, float, float] = (0.229, 0.224, 0.225),
        seed: int = 0,
    ) -> None:
        super().__init__()
        # Registered, a module would follow train() and enter checkpoints and optimisers.
        self.__dict__["config"] = segmentor
        self.segmentor = FrozenNetwork()
        self.weights = weights
        self.gamma = gamma
        self.loss_weight = loss_weight
        self.seed = seed
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std, dtype=torch.float).view(3, 1, 1), persistent=False)

    def init_weights(self) -> None:
        """Make the segmentation network and load its weights; the runner calls this before training.

        Testing never does, so it needs neither the network nor its weights.

        Raises:
            WeightsError: If the weights cannot be read or do not fit.
        """
        network = self.config
        if isinstance(network, dict):
            network = build_segmentor(network, self.seed)
        if self.weights is not None:
            load_segmentor_weights(network, self.weights)
        elif isinstance(self.config, dict):
            warnings.warn(
                "SemanticGuidanceLoss has no weights: its segmentation network is random, and so is its "
                "guidance. Name some with `--cfg-options model.semantic_loss.weights=FILE_OR_URL`.",
                stacklevel=2,
            )
        self.segmentor.hold(fuse_batch_norm(network).to(self.mean))

    def forward(self, enhanced: Tensor) -> Tensor:
        """Loss of an enhanced (N, 3, H, W) in [0, 1], RGB; a scalar."""
        if self.segmentor.network is None:
            self.init_weights()
        logits = self.segmentor((enhanced - self.mean) / self.std)
        return self.loss_weight * semantic_guidance_loss(logits.float(), self.gamma)
