import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn import functional as F

from mmlle.registry import MODELS

__all__ = ["RetinexDecompositionNet"]


@MODELS.register_module()
class RetinexDecompositionNet(BaseModule):
    """The three networks of PairLIE (Fu et al., CVPR 2023, Sec. 3.2): 341,767 parameters with width 64.

    The N-net projects an image onto one without what does not belong to the scene, such as noise. The L-net
    and the R-net decompose the projection into illumination and reflectance. Each is five 3×3 convolutions
    with reflection padding, ReLU between them, and a sigmoid. Nothing changes the resolution, so any H and W
    are allowed.

    Args:
        width: Channels of the hidden layers.
        init_cfg: Initialisation, see mmengine's BaseModule; PyTorch's default, as the original, without.

    Attributes:
        receptive_radius: Largest distance, in pixels, of an input pixel that an output pixel depends on.
        pixel_bytes: Bytes of the activations for each pixel, in eval mode.
        smallest_side: From this side on, an image can be reflected. An exported graph does nothing else;
            smaller images are repeated before, which gives the same.
    """

    receptive_radius = 10
    smallest_side = 2

    def __init__(self, width: int = 64, init_cfg: dict | list[dict] | None = None) -> None:
        super().__init__(init_cfg)
        self.pixel_bytes = 13 * width
        self.n_net = _Convolutions(3, width)
        self.l_net = _Convolutions(1, width)
        self.r_net = _Convolutions(3, width)

    def denoise(self, image: Tensor) -> Tensor:
        """Project an image (N, 3, H, W), RGB in [0, 1]: X of the paper, the same shape, in (0, 1)."""
        return self.n_net(image)

    def illumination(self, denoised: Tensor) -> Tensor:
        """Give the illumination L (N, 1, H, W) in (0, 1) of a projected image."""
        return self.l_net(denoised)

    def reflectance(self, denoised: Tensor) -> Tensor:
        """Give the reflectance R (N, 3, H, W) in (0, 1) of a projected image."""
        return self.r_net(denoised)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Decompose images.

        Args:
            image: (N, 3, H, W), RGB in [0, 1].

        Returns:
            Illumination (N, 1, H, W), reflectance (N, 3, H, W) and the projected image (N, 3, H, W), all in
            (0, 1).
        """
        denoised = self.denoise(image)
        return self.illumination(denoised), self.reflectance(denoised), denoised


class _Convolutions(nn.Module):
    def __init__(self, out_channels: int, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3)
        self.conv2 = nn.Conv2d(width, width, 3)
        self.conv3 = nn.Conv2d(width, width, 3)
        self.conv4 = nn.Conv2d(width, width, 3)
        self.conv5 = nn.Conv2d(width, out_channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            x = F.relu(conv(_pad(x)), inplace=True)
        return torch.sigmoid(self.conv5(_pad(x)))


def _pad(x: Tensor) -> Tensor:
    """Pad by one pixel on each side: reflected, or repeated where there is no second pixel to reflect."""
    height, width = x.shape[-2:]
    if min(height, width) > 1:
        return F.pad(x, (1, 1, 1, 1), mode="reflect")
    x = F.pad(x, (1, 1, 0, 0), mode="reflect" if width > 1 else "replicate")
    return F.pad(x, (0, 0, 1, 1), mode="reflect" if height > 1 else "replicate")
