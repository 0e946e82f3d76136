import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm as normalise_spectrum

from mmlle.registry import MODELS

__all__ = ["PatchGANDiscriminator"]


@MODELS.register_module()
class PatchGANDiscriminator(BaseModule):
    """PatchGAN discriminator (Isola et al., CVPR 2017) without normalisation, as EnlightenGAN uses it.

    4×4 convolutions with padding 2 and LeakyReLU 0.2: ``num_layers`` of stride 2, whose width doubles from
    ``width`` to at most eight times as much, one of stride 1, and one to a single channel. With width 64 it
    has 11,154,369 parameters with five layers and 6,959,553 with four, as in EnlightenGAN's code (Jiang et
    al., TIP 2021; the paper does not say how the discriminators are built).

    Args:
        num_layers: Number of convolutions of stride 2.
        width: Channels of the first one.
        spectral_norm: Whether each weight is divided by its largest singular value, which bounds how steep
            the discriminator can become (Miyato et al., ICLR 2018). Not in EnlightenGAN.
        init_cfg: Initialisation, see mmengine's BaseModule; the original draws weights from N(0, 0.02).

    Examples:
        >>> import torch
        >>> PatchGANDiscriminator(num_layers=4)(torch.rand(1, 3, 32, 32)).shape
        torch.Size([1, 1, 5, 5])
    """

    def __init__(
        self,
        num_layers: int,
        width: int = 64,
        spectral_norm: bool = False,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        widths = [3] + [width * min(2**level, 8) for level in range(num_layers + 1)]
        layers = []
        for level in range(num_layers + 1):
            stride = 2 if level < num_layers else 1
            layers += [
                nn.Conv2d(widths[level], widths[level + 1], 4, stride, padding=2),
                nn.LeakyReLU(0.2, inplace=True),
            ]
        layers.append(nn.Conv2d(widths[-1], 1, 4, padding=2))
        if spectral_norm:
            layers = [normalise_spectrum(x) if isinstance(x, nn.Conv2d) else x for x in layers]
        self.layers = nn.Sequential(*layers)

    def forward(self, image: Tensor) -> Tensor:
        """Score regions of images.

        Args:
            image: (N, 3, H, W), RGB in [0, 1], of any H and W.

        Returns:
            (N, 1, h, w), unbounded; the higher, the more a region looks like a real one to the network.
        """
        # In [-1, 1] as in the original.
        return self.layers((2 * image - 1).contiguous(memory_format=torch.channels_last))
