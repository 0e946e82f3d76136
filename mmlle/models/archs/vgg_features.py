import warnings
from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmlle.registry import MODELS
from mmlle.utils.errors import ImageSizeError

from ..utils.guide_weights import fill_with_weights, read_weights
from .frozen import FrozenNetwork

__all__ = ["VGGFeatures"]

DEPTHS = (16, 19)


def blocks(depth: int) -> list[int | str]:
    """Blocks of VGG-16 or -19 in torchvision's notation: numbers of channels, "M" for a pool."""
    from torchvision.models.vgg import cfgs  # here and below: importing it takes a second

    return cfgs[{16: "D", 19: "E"}[depth]]


def layer_names(depth: int) -> list[str]:
    """Name the layers of VGG-16 or -19 in their order: conv1_1, relu1_1, conv1_2, …, pool5."""
    names, block, number = [], 1, 1
    for channels in blocks(depth):
        if channels == "M":
            names.append(f"pool{block}")
            block, number = block + 1, 1
        else:
            names += [f"conv{block}_{number}", f"relu{block}_{number}"]
            number += 1
    return names


@MODELS.register_module()
class VGGFeatures(nn.Module):
    """Feature maps of a frozen VGG-16 or VGG-19 (Simonyan & Zisserman, ICLR 2015).

    The gradient passes through the network into the image; the network itself is never trained, stays in eval
    mode and outside checkpoints and optimisers. It is made, up to the deepest layer asked for, when the
    training begins, or when the first image comes.

    Args:
        depth: 16 or 19.
        layers: Names of the maps: ``conv{i}_{j}``, ``relu{i}_{j}``, ``pool{i}``.
        weights: URL or local file of weights under torchvision's names, ``features.N.weight`` and ``.bias``;
            it needs to hold no layers deeper than the deepest one asked for. None leaves the random weights,
            with a warning.
        preprocessing: What the weights were trained with. ``'torchvision'``: RGB, normalised by ImageNet's
            means and deviations. ``'caffe'``: BGR, 0–255, minus the means; ``'caffe_no_mean'``: without
            subtracting them, as the original EnlightenGAN feeds its VGG.
        skip_pools: Numbers of blocks whose pool is left out; (4,) in the original EnlightenGAN, so that block
            5 works at the resolution of block 4.
        seed: Seed of the random weights. They are in no checkpoint, so a resumed training draws them again.

    Raises:
        ValueError: If ``depth``, ``preprocessing`` or a name of a layer is none of these.

    Examples:
        >>> import torch
        >>> features = VGGFeatures(depth=16, layers=['conv3_3'], weights='vgg16-397923af.pth')
        >>> features(torch.rand(1, 3, 64, 96))['conv3_3'].shape
        torch.Size([1, 256, 16, 24])
    """

    #: Preprocessing: order of the channels, means to subtract and what to divide by, for RGB in [0, 1].
    _PREPROCESSING = {
        "torchvision": ((0, 1, 2), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        "caffe": ((2, 1, 0), (103.939 / 255, 116.779 / 255, 123.68 / 255), (1 / 255,) * 3),
        "caffe_no_mean": ((2, 1, 0), (0, 0, 0), (1 / 255,) * 3),
    }

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        depth: int,
        layers: Sequence[str],
        weights: str | None = None,
        preprocessing: str = "torchvision",
        skip_pools: Sequence[int] = (),
        seed: int = 0,
    ) -> None:
        super().__init__()
        if depth not in DEPTHS:
            raise ValueError(f"depth must be one of {list(DEPTHS)}, got {depth}.")
        if preprocessing not in self._PREPROCESSING:
            raise ValueError(
                f"preprocessing must be one of {sorted(self._PREPROCESSING)}, got {preprocessing!r}."
            )
        names = layer_names(depth)
        unknown = [name for name in layers if name not in names]
        if unknown or not layers:
            raise ValueError(f"layers of VGG-{depth} must be some of {', '.join(names)}, got {list(layers)}.")
        if any(f"pool{block}" not in names for block in skip_pools):
            raise ValueError(f"skip_pools must be numbers of blocks, 1 to 5, got {list(skip_pools)}.")
        self.depth = depth
        self.layers = tuple(layers)
        self.weights = weights
        self.skip_pools = tuple(skip_pools)
        self.seed = seed
        self.deepest = max(layers, key=names.index)
        pools = [name for name in names[: 1 + names.index(self.deepest)] if name.startswith("pool")]
        self.min_size = 2 ** sum(int(name[4:]) not in skip_pools for name in pools)
        self.network = FrozenNetwork()
        self.order, mean, std = self._PREPROCESSING[preprocessing]
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std, dtype=torch.float).view(3, 1, 1), persistent=False)

    def init_weights(self) -> None:
        """Make the network and load its weights; the runner calls this before training.

        Raises:
            WeightsError: If the weights cannot be read, lack a layer or do not fit.
        """
        with torch.random.fork_rng(devices=[]):
            # Not torch.manual_seed, which seeds GPUs as well.
            torch.default_generator.manual_seed(self.seed)
            network = self._build()
            for module in network.modules():
                if isinstance(module, nn.Conv2d):  # as torchvision does: the maps keep their magnitude
                    nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                    if module.bias is not None:
                        nn.init.zeros_(module.bias)
        if self.weights is not None:
            what = f"VGG-{self.depth}"
            remedy = (
                "Give the `weights` of VGGFeatures in the config a local file or a URL that holds the layers "
                f"up to {self.deepest} under torchvision's names, or None for random features."
            )
            weights = read_weights(self.weights, what, remedy)
            fill_with_weights(network, weights, self.weights, what, remedy)
        else:
            warnings.warn(
                f"VGGFeatures has no weights: the maps of its VGG-{self.depth} are random. Give its "
                "`weights` in the config a local file or a URL.",
                stacklevel=2,
            )
        self.network.hold(network.to(self.mean))

    def _build(self) -> nn.Module:
        """Build the network up to the deepest layer, under torchvision's names of weights."""
        from torchvision.models.feature_extraction import create_feature_extractor
        from torchvision.models.vgg import make_layers

        names = layer_names(self.depth)
        names = names[: 1 + names.index(self.deepest)]
        layers = make_layers(blocks(self.depth)[: sum(not name.startswith("relu") for name in names)])
        for index, name in enumerate(names):
            if name.startswith("relu"):
                # In place it would change the map of the convolution before it.
                layers[index].inplace = names[index - 1] not in self.layers
            elif name in [f"pool{block}" for block in self.skip_pools]:
                layers[index] = nn.Identity()  # the later layers keep their numbers
        returned = {f"features.{names.index(layer)}": layer for layer in self.layers}
        return create_feature_extractor(nn.Sequential(OrderedDict(features=layers)), returned)

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        """Compute the maps of (N, 3, H, W), RGB in [0, 1], by name, all in one pass.

        Raises:
            ImageSizeError: If nothing would be left of the image after the pools.
        """
        if self.network.network is None:
            self.init_weights()
        height, width = image.shape[-2:]
        if min(height, width) < self.min_size:
            raise ImageSizeError(
                f"The layers {', '.join(self.layers)} of VGG-{self.depth} need images of at least "
                f"{self.min_size}x{self.min_size} px, got {height}x{width} (height x width). Train on larger "
                "crops or patches, or choose an earlier layer."
            )
        image = image[:, self.order] if self.order != (0, 1, 2) else image
        return self.network((image - self.mean) / self.std)
