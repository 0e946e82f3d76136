from collections.abc import Callable
from functools import partial, reduce
from operator import add

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn import functional as F

from mmlle.registry import MODELS

from ...utils.tiled_forward import tiled_forward

__all__ = ["EnhanceNetGenerator"]

# Channel means (R, G, B) that the original subtracts from its input and adds to its output.
_MEAN = (0.47614917, 0.45001204, 0.40904046)
# The convolutions after the residual blocks reach less than three pixels of the low resolution.
_TAIL_RADIUS = 3


def bicubic_tf1(image: Tensor, scale: int) -> Tensor:
    """Enlarge as TensorFlow 1's ``resize_images(..., BICUBIC)`` does, which the released weights expect.

    Output pixel i lies at i / scale of the input, without the half-pixel shift of today's libraries; Keys'
    kernel with a = -0.75 (as in PyTorch), edges repeated.

    Args:
        image: (N, C, H, W).
        scale: Whole factor.

    Returns:
        (N, C, scale * H, scale * W), shifted by (scale - 1) / 2 pixels against PyTorch's.
    """
    a = -0.75
    x = torch.arange(scale, dtype=torch.float64) / scale

    def near(d: Tensor) -> Tensor:
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: Tensor) -> Tensor:
        return ((d - 5) * d + 8) * d * a - 4 * a

    weights = torch.stack([far(x + 1), near(x), near(1 - x), far(2 - x)]).to(image)  # (taps, scale)
    padded = F.pad(image, (1, 2, 1, 2), mode="replicate")
    height, width = image.shape[-2:]
    # Sums of products, since autocast would round those of a convolution or a matrix product.
    rows = [padded[:, :, tap : tap + height, None] * weights[tap, :, None] for tap in range(4)]
    tall = reduce(add, rows).flatten(2, 3)
    columns = [tall[..., tap : tap + width, None] * weights[tap] for tap in range(4)]
    return reduce(add, columns).flatten(3)


#: Ways to enlarge (N, C, H, W) by a whole factor.
BICUBIC: dict[str, Callable[[Tensor, int], Tensor]] = {
    "torch": lambda image, scale: F.interpolate(image, scale_factor=scale, mode="bicubic"),
    "tf1": bicubic_tf1,
}


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions with a ReLU between them, added to their input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, width, H, W) to the same."""
        return x + self.conv2(F.relu(self.conv1(x), inplace=True))


@MODELS.register_module()
class EnhanceNetGenerator(BaseModule):
    """Network of EnhanceNet (Sajjadi et al., ICCV 2017, Table 1): ×4 super-resolution, 852,867 parameters.

    Ten residual blocks at the low resolution, twice nearest-neighbour enlargement and a convolution, two more
    convolutions; the outcome is added to the bicubically enlarged input. All convolutions are 3×3 with zero
    padding; there is no normalisation, so any H and W are allowed.

    Args:
        width: Channels of the hidden layers.
        num_blocks: Number of residual blocks.
        bicubic: ``'torch'`` for PyTorch's bicubic enlargement, which keeps pixel centres in place; ``'tf1'``
            for TensorFlow 1's, which does not, and which the released weights need: with the other they lose
            3 dB.
        init_cfg: Initialisation, see mmengine's BaseModule; None for PyTorch's own. The original's is
            TensorFlow's (Glorot, uniform).

    Attributes:
        scale: By how much it enlarges.
        receptive_radius: Largest distance, in pixels of the input, of an input pixel that an output pixel
            depends on.
        pixel_bytes: Bytes of the activations for each pixel of the input, in eval mode, in which what is
            enlarged is computed in small tiles.
        graph_pixel_bytes: The same of an exported graph, which computes all at once.

    Raises:
        ValueError: If ``bicubic`` is neither of the two.

    Examples:
        >>> import torch
        >>> EnhanceNetGenerator(width=8, num_blocks=1)(torch.rand(1, 3, 25, 13)).shape
        torch.Size([1, 3, 100, 52])
    """

    scale = 4

    def __init__(
        self,
        width: int = 64,
        num_blocks: int = 10,
        bicubic: str = "torch",
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if bicubic not in BICUBIC:
            raise ValueError(f"bicubic must be one of {sorted(BICUBIC)}, got {bicubic!r}.")
        conv = partial(nn.Conv2d, kernel_size=3, padding=1)
        self.bicubic = bicubic
        self.pixel_bytes = 16 * width + 800
        self.graph_pixel_bytes = 192 * width
        self.receptive_radius = 1 + 2 * num_blocks + _TAIL_RADIUS
        self.conv_first = conv(3, width)
        self.blocks = nn.Sequential(*(ResidualBlock(width) for _ in range(num_blocks)))
        self.conv_up1 = conv(width, width)
        self.conv_up2 = conv(width, width)
        self.conv_hr = conv(width, width)
        self.conv_last = conv(width, 3)
        self.register_buffer("mean", torch.tensor(_MEAN).view(3, 1, 1), persistent=False)

    def enlarge(self, image: Tensor) -> Tensor:
        """Enlarge (N, 3, H, W) bicubically to (N, 3, 4H, 4W): what :meth:`forward` adds its residual to."""
        return BICUBIC[self.bicubic](image, self.scale)

    def forward(self, image: Tensor) -> Tensor:
        """Super-resolve an image.

        Args:
            image: (N, 3, H, W), RGB in [0, 1].

        Returns:
            (N, 3, 4H, 4W), unclamped.
        """
        features = self.blocks(F.relu(self.conv_first(image - self.mean), inplace=True))
        if torch.is_grad_enabled() or torch.onnx.is_in_onnx_export():
            residual = self.upsample(features)
        else:  # of 16 times the size, it fits into a CPU's cache in tiles only
            residual = tiled_forward(
                self.upsample,
                features,
                halo=_TAIL_RADIUS,
                scale=self.scale,
                pixel_bytes=self.graph_pixel_bytes,
            )
        # Half precision is for the residual, which is small; not for the image.
        return self.enlarge(image) + residual.float()

    def upsample(self, features: Tensor) -> Tensor:
        """Enlarge features (N, width, H, W) and make the residual of them, (N, 3, 4H, 4W)."""
        x = features
        for conv in (self.conv_up1, self.conv_up2):
            x = F.relu(conv(F.interpolate(x, scale_factor=2, mode="nearest")), inplace=True)
        return self.conv_last(F.relu(self.conv_hr(x), inplace=True))
