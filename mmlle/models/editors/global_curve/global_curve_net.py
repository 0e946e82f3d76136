import math

from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn import functional as F

from mmlle.registry import MODELS

__all__ = ["GlobalCurveNet"]

#: Side of the thumbnail, and of the image that it is averaged from.
THUMBNAIL, SAMPLED = 64, 256


@MODELS.register_module()
class GlobalCurveNet(BaseModule):
    """Estimates one parameter of a light curve from a thumbnail of the photograph.

    Four convolutions of stride 2, the mean of what is left, and a linear layer: 60,577 parameters of width
    16. Time and memory do not depend on the size of the photograph.

    Args:
        width: Channels of the first layer; the next ones have twice and four times as many.
        init_cfg: Initialisation, see mmengine's BaseModule.

    Attributes:
        receptive_radius: Infinite: all of the photograph counts.
    """

    receptive_radius = math.inf

    def __init__(self, width: int = 16, init_cfg: dict | list[dict] | None = None) -> None:
        super().__init__(init_cfg)
        self.conv1 = nn.Conv2d(3, width, 3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)
        self.conv3 = nn.Conv2d(2 * width, 4 * width, 3, stride=2, padding=1)
        self.conv4 = nn.Conv2d(4 * width, 4 * width, 3, stride=2, padding=1)
        self.linear = nn.Linear(4 * width, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Estimate how much (N, 3, H, W), RGB in [0, 1], is to be brightened: (N, 1, 1, 1) in (0, 1)."""
        x = F.interpolate(image, (SAMPLED, SAMPLED), mode="bilinear")
        x = F.avg_pool2d(x, SAMPLED // THUMBNAIL)
        for conv in (self.conv1, self.conv2, self.conv3, self.conv4):
            x = F.relu(conv(x))
        return self.linear(x.mean(dim=(-2, -1))).sigmoid()[..., None, None]
