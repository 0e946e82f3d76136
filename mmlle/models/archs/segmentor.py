"""MMSegmentation networks as guides of an enhancement."""

import torch
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import DefaultScope
from torch import nn

from ..utils.guide_weights import fill_with_weights, read_weights

__all__ = ["build_segmentor", "load_segmentor_weights"]


def build_segmentor(config: dict, seed: int) -> nn.Module:
    """Build an MMSegmentation segmentor with random weights that depend on ``seed`` alone.

    Args:
        config: Config of the segmentor, its types written for the scope ``mmseg``.
        seed: Seed of the weights; PyTorch's own random state is left as it was.

    Returns:
        A module that turns (N, 3, H, W) into logits at the resolution of its head.
    """
    from mmseg.registry import MODELS as SEGMENTORS

    # With default_scope='mmlle', a prefix `mmseg.` would not reach the children's types.
    with torch.random.fork_rng(devices=[]), DefaultScope.overwrite_default_scope("mmseg"):
        # Not torch.manual_seed, which seeds GPUs as well.
        torch.default_generator.manual_seed(seed)
        segmentor = SEGMENTORS.build(config)
        segmentor.init_weights()
    return revert_sync_batchnorm(segmentor)


def load_segmentor_weights(segmentor: nn.Module, source: str) -> None:
    """Load weights of the whole segmentor, or of its backbone alone.

    Args:
        segmentor: The network.
        source: A local file, a URL or an ``open-mmlab://`` name. Keys that begin with ``backbone.`` tell that
            the file is for the whole segmentor.

    Raises:
        WeightsError: If the file cannot be read, or lacks some of the weights.
    """
    remedy = (
        "Give a local file or a URL with `--cfg-options model.semantic_loss.weights=...`, or None for random "
        "guidance."
    )
    what = "segmentation network"
    weights = read_weights(source, what, remedy)
    target = (
        segmentor
        if any(key.startswith("backbone.") for key in weights)
        else segmentor.get_submodule("backbone")
    )
    fill_with_weights(target, weights, source, what, remedy)
