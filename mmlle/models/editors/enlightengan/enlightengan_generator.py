import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn import functional as F

from mmlle.media.color import LUMA_WEIGHTS
from mmlle.registry import MODELS

from ...utils.pad_to_multiple import pad_to_multiple

__all__ = ["EnlightenGANGenerator"]


class Level(nn.Module):
    """Two 3×3 convolutions, each followed by LeakyReLU 0.2 and batch normalisation, in this order.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        last_norm: Whether the second convolution is normalised.
    """

    def __init__(self, in_channels: int, out_channels: int, last_norm: bool = True) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(out_channels) if last_norm else nn.Identity()

    def forward(self, x: Tensor, attention: Tensor | None = None) -> Tensor:
        """Apply it; the attention, if there is one, multiplies the features between the convolutions."""
        x = self.norm1(F.leaky_relu(self.conv1(x), 0.2, inplace=True))
        if attention is not None:
            x = x * attention
        return self.norm2(F.leaky_relu(self.conv2(x), 0.2, inplace=True))


@MODELS.register_module()
class EnlightenGANGenerator(BaseModule):
    r"""Attention-guided U-Net of EnlightenGAN (Jiang et al., TIP 2021, Sec. III-C): 8,636,675 parameters.

    The attention is :math:`A = 1 - Y`, :math:`Y` the luma of the image: dark places get the most. Max-pooled
    to the resolution of a level, it multiplies that level's skip connection, the features at the bottom, and
    at last the residual: :math:`\hat I = I + A \cdot r(I, A)`.

    In eval mode the network is local; in training mode batch normalisation relates all pixels.

    Five levels, whose width doubles from ``width``, each of two convolutions; upwards bilinear enlargement
    and a convolution, which keeps off checkerboards. The image is padded by reflection to multiples of 16 and
    the result cut back. The original halves images wider than 2200 px first; this one does not.

    Args:
        width: Channels of the first level.
        init_cfg: Initialisation, see mmengine's BaseModule; the original draws the convolutions' weights from
            N(0, 0.02) and the normalisations' from N(1, 0.02).

    Attributes:
        receptive_radius: Largest distance, in pixels, of an input pixel that an output pixel depends on in
            eval mode.
        size_multiple: The image is padded to multiples of this number.
        pixel_bytes: Bytes of the activations for each pixel, in eval mode.

    Examples:
        >>> import torch
        >>> EnlightenGANGenerator()(torch.rand(1, 3, 100, 151)).shape
        torch.Size([1, 3, 100, 151])
    """

    # Traced from an output pixel back through the layers, at the worst position in the grid of 16 pixels: two
    # convolutions a level on the way down and three with a bilinear enlargement on the way up.
    receptive_radius = 137
    size_multiple = 16

    def __init__(self, width: int = 32, init_cfg: dict | list[dict] | None = None) -> None:
        super().__init__(init_cfg)
        self.pixel_bytes = 28 * width
        widths = [width * 2**level for level in range(5)]
        self.down = nn.ModuleList(map(Level, [4, *widths[:-1]], widths))
        # From the bottom upwards.
        widths.reverse()
        self.up = nn.ModuleList(
            nn.Conv2d(below, here, 3, padding=1) for below, here in zip(widths, widths[1:], strict=False)
        )
        self.merge = nn.ModuleList(Level(2 * here, here, last_norm=here != width) for here in widths[1:])
        self.residual = nn.Conv2d(width, 3, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Enhance an image.

        Args:
            image: (N, 3, H, W), RGB in [0, 1], of any H and W.

        Returns:
            (N, 3, H, W), unclamped.
        """
        image, inside = pad_to_multiple(image, self.size_multiple)
        luma = (image * image.new_tensor(LUMA_WEIGHTS).view(3, 1, 1)).sum(dim=1, keepdim=True)
        attention = [1 - luma]
        for _ in self.up:
            attention.append(F.max_pool2d(attention[-1], 2))

        # Inside, as in the original, images are in [-1, 1].
        x = torch.cat([2 * image - 1, attention[0]], dim=1).contiguous(memory_format=torch.channels_last)
        skips = []
        for level in self.down[:-1]:
            skips.append(level(x))
            x = F.max_pool2d(skips[-1], 2)
        x = self.down[-1](x, attention[-1])
        for up, merge, weight in zip(self.up, self.merge, attention[-2::-1], strict=True):
            x = up(F.interpolate(x, scale_factor=2, mode="bilinear"))
            # Popped, what is skipped takes no memory once it is weighted.
            x = merge(torch.cat([x, skips.pop() * weight], dim=1))
        enhanced = image + self.residual(x) * attention[0] / 2
        rows, columns = inside
        return enhanced[..., rows, columns]
