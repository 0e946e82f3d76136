import math
from collections.abc import Callable, Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["CurveEstimator", "JoinedConv2d", "join"]


class JoinedConv2d(nn.Conv2d):
    """A convolution of one or several images, joined along the channels."""

    def forward(self, *inputs: Tensor) -> Tensor:
        """Convolve (N, C, H, W), as many as there are."""
        return super().forward(join(inputs))


def join(inputs: Sequence[Tensor]) -> Tensor:
    """Join (N, C, H, W) along the channels; a single one is not copied."""
    return inputs[0] if len(inputs) == 1 else torch.cat(list(inputs), dim=1)


class CurveEstimator(BaseModule):
    """Seven convolutions with symmetric skips that estimate the parameters of a light curve.

    The skeleton of DCE-Net (Guo et al., CVPR 2020, Sec. 3.2), which SGZ's EFE network (Zheng & Gupta,
    WACVW 2022, Sec. 3.1) shares: no normalisation, no change of resolution, so any H and W are allowed.

    Args:
        conv: Makes a convolution that keeps H and W from the numbers of its input and output channels. It
            takes one image or several, joined along the channels.
        out_channels: Number of maps.
        width: Channels of the hidden layers.
        dilation: Dilation of the 3×3 convolutions that ``conv`` makes.
        scale_factor: The network sees the image reduced by this factor, and its output is enlarged again. It
            may be changed later.
        init_cfg: Initialisation, see mmengine's BaseModule.

    Attributes:
        network_radius: Receptive radius of the convolutions, in pixels of the image that they see.
        receptive_radius: Largest distance, in pixels, of an input pixel that an output pixel depends on;
            infinite with a scale factor, since the resizing depends on the size of the whole image.
        pixel_bytes: Bytes of the activations for each pixel, in eval mode.

    Raises:
        ValueError: If ``scale_factor`` is below 1.
    """

    def __init__(
        self,
        conv: Callable[[int, int], nn.Module],
        out_channels: int,
        width: int = 32,
        dilation: int = 1,
        scale_factor: float = 1,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        if scale_factor < 1:
            raise ValueError(f"scale_factor reduces the image and is at least 1, got {scale_factor}.")
        super().__init__(init_cfg)
        self.network_radius = 7 * dilation
        self.scale_factor = scale_factor
        self.pixel_bytes = 41 * width
        self.conv1 = conv(3, width)
        self.conv2 = conv(width, width)
        self.conv3 = conv(width, width)
        self.conv4 = conv(width, width)
        self.conv5 = conv(2 * width, width)
        self.conv6 = conv(2 * width, width)
        self.conv7 = conv(2 * width, out_channels)

    @property
    def receptive_radius(self) -> float:
        """See the class."""
        return self.network_radius if self.scale_factor == 1 else math.inf

    def forward(self, image: Tensor) -> Tensor:
        """Estimate the maps of an image.

        Args:
            image: (N, 3, H, W), RGB in [0, 1], of any H and W.

        Returns:
            (N, out_channels, H, W) in [-1, 1].
        """
        maps = self.estimate(image)
        if self.scale_factor == 1:
            return maps
        return F.interpolate(maps, image.shape[-2:], mode="bilinear", align_corners=True)

    def estimate(self, image: Tensor) -> Tensor:
        """Estimate the maps of an image, reduced by the scale factor.

        Args:
            image: (N, 3, H, W), RGB in [0, 1].

        Returns:
            (N, out_channels, ceil(H / scale_factor), ceil(W / scale_factor)) in [-1, 1].
        """
        return self.maps(self.reduce(image))

    def reduce(self, image: Tensor) -> Tensor:
        """Reduce (N, 3, H, W) by the scale factor, for :meth:`maps`."""
        if self.scale_factor == 1:
            return image
        # SGZ's original crops the image to a multiple of the factor. Rounding the reduced size up instead
        # gives the same where the factor divides the sides, and keeps the image whole where it does not.
        reduced = [math.ceil(side / self.scale_factor) for side in image.shape[-2:]]
        return F.interpolate(image, reduced, mode="bilinear")

    def maps(self, image: Tensor) -> Tensor:
        """Estimate the maps of an image that is reduced already; of its size, in [-1, 1]."""
        x1 = F.relu(self.conv1(image), inplace=True)
        x2 = F.relu(self.conv2(x1), inplace=True)
        x3 = F.relu(self.conv3(x2), inplace=True)
        x4 = F.relu(self.conv4(x3), inplace=True)
        x5 = F.relu(self.conv5(x3, x4), inplace=True)
        x6 = F.relu(self.conv6(x2, x5), inplace=True)
        return torch.tanh(self.conv7(x1, x6))
