from mmengine.model import BaseModule
from torch import Tensor, nn

from mmlle.registry import MODELS
from mmlle.utils.errors import ImageSizeError

__all__ = ["EnhanceNetDiscriminator"]


@MODELS.register_module()
class EnhanceNetDiscriminator(BaseModule):
    """Discriminator of EnhanceNet (Sajjadi et al., ICCV 2017, supplement): real or super-resolved?

    Five levels of two 3×3 convolutions with LeakyReLU 0.2, the second of stride 2, the width doubling from 32
    to 512; then two fully connected layers, 1024 and 1. No normalisation.

    Args:
        image_size: Side of the square images; a multiple of 32.
        width: Channels of the first level.
        hidden: Width of the first fully connected layer.
        init_cfg: Initialisation, see mmengine's BaseModule.

    Raises:
        ValueError: If ``image_size`` is not a multiple of 32.
    """

    def __init__(
        self,
        image_size: int = 128,
        width: int = 32,
        hidden: int = 1024,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if image_size < 32 or image_size % 32:
            raise ValueError(f"image_size must be a multiple of 32, got {image_size}.")
        self.image_size = image_size
        layers, channels = [], 3
        for level in range(5):
            for stride in (1, 2):
                layers += [nn.Conv2d(channels, width << level, 3, stride, padding=1), nn.LeakyReLU(0.2)]
                channels = width << level
        self.convs = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels * (image_size // 32) ** 2, hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, 1),
        )

    def forward(self, image: Tensor) -> Tensor:
        """Judge images.

        Args:
            image: (N, 3, image_size, image_size), RGB in [0, 1].

        Returns:
            (N, 1), the logit of the probability that an image is real.

        Raises:
            ImageSizeError: If the images are of another size.
        """
        if image.shape[-2:] != (self.image_size, self.image_size):
            raise ImageSizeError(
                "The discriminator is built for images of {0}x{0}, got {1}x{2} (height x width). Set its "
                "image_size to the size of the ground truth's crops.".format(
                    self.image_size, *image.shape[-2:]
                )
            )
        return self.head(self.convs(image))
