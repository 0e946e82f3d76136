from collections.abc import Mapping

from mmengine.config import ConfigDict
from torch import Tensor, nn
from torch.nn import functional as F

from mmlle.models.editors.enhancenet.enhancenet_generator import bicubic_tf1
from mmlle.utils.errors import UserError

from .original import Original

__all__ = ["EnhanceNetOriginal"]

_MEANS = (0.47614917, 0.45001204, 0.40904046)
_NUM_CONVOLUTIONS = 25
#: TensorFlow's names of the weights, in the order of the layers.
_NAMES = [
    f"generator/Conv{f'_{number}' if number else ''}/{kind}"
    for number in range(_NUM_CONVOLUTIONS)
    for kind in ("weights", "biases")
]


class EnhanceNetOriginal(Original[Tensor]):
    """EnhanceNet: the graph of its ``enhancenet.py``, layer by layer in PyTorch.

    Its code is TensorFlow 1's, which no longer installs, and is for inference alone.
    """

    method = "enhancenet"
    repository = "msmsajjadi/EnhanceNet-Code"
    modules = ("enhancenet.py", "nnlib.py")

    def build(self, model: ConfigDict) -> None:
        """Make the network; it has no options that our config could set."""
        self.network = _Graph()

    def losses(self, images: Tensor) -> dict[str, Tensor]:
        """There are none.

        Raises:
            UserError: Always.
        """
        raise UserError("EnhanceNet's authors published no training: add --mode inference.")

    def enhance(self, images: Tensor) -> Tensor:
        """Run the graph; (N, 3, 4 * H, 4 * W)."""
        return self.network(images)

    def weights(self) -> dict[str, Tensor]:
        """Give the weights by TensorFlow's names."""
        return dict(zip(_NAMES, self.network.state_dict().values(), strict=True))

    def load_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Give the network weights by TensorFlow's names."""
        own = zip(self.network.state_dict(), _NAMES, strict=True)
        self.network.load_state_dict({name: weights[tensorflow] for name, tensorflow in own})


class _Graph(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        channels = [3, *[64] * (_NUM_CONVOLUTIONS - 1), 3]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inputs, outputs, 3, padding=1)
            for inputs, outputs in zip(channels[:-1], channels[1:], strict=True)
        )

    def forward(self, image: Tensor) -> Tensor:
        """Super-resolve (N, 3, H, W), RGB in [0, 1]; (N, 3, 4 * H, 4 * W)."""
        means = image.new_tensor(_MEANS).view(3, 1, 1)
        image = image - means
        rest = iter(self.convolutions)

        def conv(x: Tensor) -> Tensor:
            return next(rest)(x)

        x = F.relu(conv(image))
        for _ in range(10):
            x = x + conv(F.relu(conv(x)))
        for _ in range(2):
            x = F.relu(conv(F.interpolate(x, scale_factor=2, mode="nearest")))
        return conv(F.relu(conv(x))) + bicubic_tf1(image, 4) + means
