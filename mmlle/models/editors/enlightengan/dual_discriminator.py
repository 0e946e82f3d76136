import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmlle.registry import MODELS
from mmlle.utils.errors import ImageSizeError

__all__ = ["DualDiscriminator"]


@MODELS.register_module()
class DualDiscriminator(BaseModule):
    """Global and local discriminator of EnlightenGAN (Jiang et al., TIP 2021, Sec. III-A).

    The global one judges whole images, the local one small patches of them: a photograph may be dark in one
    place and bright in another, and its brightness as a whole then says too little. Positions are the same in
    all images that are judged together.

    Args:
        global_network: Config of the global network, images (N, 3, H, W) to scores.
        local_network: Config of the local network, patches (N, 3, S, S) to scores.
        patch_size: Side S of a patch in pixels.
        num_patches: Patches of an image; the original code cuts 1 and then 5 more, which are treated alike.
        init_cfg: Initialisation, see mmengine's BaseModule.
    """

    def __init__(
        self,
        global_network: dict,
        local_network: dict,
        patch_size: int = 32,
        num_patches: int = 6,
        init_cfg: dict | list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        # Channels-last convolutions are the faster ones.
        self.global_network = MODELS.build(global_network).to(memory_format=torch.channels_last)
        self.local_network = MODELS.build(local_network).to(memory_format=torch.channels_last)
        self.patch_size = patch_size
        self.num_patches = num_patches

    def draw_corners(self, image: Tensor, generator: torch.Generator) -> list[tuple[int, int]]:
        """Draw the top left corners (row, column) of the patches of an image.

        Args:
            image: (N, C, H, W).
            generator: Where the randomness comes from, on the CPU.

        Raises:
            ImageSizeError: If a patch is larger than the image.
        """
        height, width = image.shape[-2:]
        size = self.patch_size
        if min(height, width) < size:
            raise ImageSizeError(
                f"The local discriminator scores patches of {size}x{size} px, but the images are "
                f"{height}x{width} (height x width). Train on larger crops, or set a smaller "
                "model.discriminator.patch_size."
            )
        rows, columns = (
            torch.randint(side - size + 1, (self.num_patches,), generator=generator).tolist()
            for side in (height, width)
        )
        return list(zip(rows, columns, strict=True))

    def cut_patches(self, image: Tensor, corners: list[tuple[int, int]]) -> Tensor:
        """Cut patches with the given corners from images (N, C, H, W); (N * len(corners), C, S, S)."""
        size = self.patch_size
        return torch.cat([image[..., y : y + size, x : x + size] for y, x in corners])

    def forward(self, images: Tensor, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Score images and patches.

        Args:
            images: (N, 3, H, W), RGB in [0, 1].
            patches: (M, 3, S, S), RGB in [0, 1].

        Returns:
            Scores of the images and of the patches, each image's or patch's regions by themselves; the
            higher, the more it looks like a real photograph to the network.
        """
        return self.global_network(images).float(), self.local_network(patches).float()
