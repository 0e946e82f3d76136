from collections.abc import Callable

import numpy as np
from mmcv.transforms import BaseTransform
from PIL import Image

from mmlle.registry import TRANSFORMS
from mmlle.utils.errors import ImageSizeError

__all__ = ["MakeLowResolution"]


def lanczos(image: np.ndarray, scale: int) -> np.ndarray:
    """Reduce (H, W, 3) uint8 with Pillow's LANCZOS, formerly named ANTIALIAS."""
    height, width = image.shape[:2]
    size = width // scale, height // scale
    # A copy, since what Pillow gives is read-only.
    return np.array(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS))


def bicubic(image: np.ndarray, scale: int) -> np.ndarray:
    """Reduce (H, W, 3) uint8 as MATLAB's ``imresize`` does."""
    from mmagic.datasets.transforms import MATLABLikeResize

    reduced = MATLABLikeResize(keys=["img"], scale=1 / scale)(dict(img=image))["img"]
    return reduced.round().clip(0, 255).astype(np.uint8)


#: Ways to reduce an image whose sides are multiples of the factor.
KERNELS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {"lanczos": lanczos, "bicubic": bicubic}


@TRANSFORMS.register_module()
class MakeLowResolution(BaseTransform):
    """Make the input of a super-resolution from its ground truth.

    Required keys: ``gt``, (H, W, 3) uint8. Added keys: ``img``, (H // scale, W // scale, 3) uint8. Modified
    keys: ``gt``, cut at the bottom and on the right to scale times the size of ``img``, as the
    super-resolution field does. (The original code reduces the whole image instead, which shifts it by a
    fraction of a pixel if its sides are not multiples of the factor.)

    Args:
        scale: By how much to reduce.
        kernel: ``'lanczos'``: Pillow's, which the original was trained with; ``'bicubic'``: MATLAB's
            ``imresize`` with anti-aliasing, which most papers of the field measure with.

    Raises:
        ValueError: If ``kernel`` is neither of the two.
    """

    def __init__(self, scale: int = 4, kernel: str = "lanczos") -> None:
        if kernel not in KERNELS:
            raise ValueError(f"kernel must be one of {sorted(KERNELS)}, got {kernel!r}.")
        self.scale = scale
        self.kernel = kernel

    def transform(self, results: dict) -> dict:
        """Make the image.

        Raises:
            ImageSizeError: If the ground truth has less than ``scale`` pixels in a side.
        """
        height, width = (side // self.scale * self.scale for side in results["gt"].shape[:2])
        if not height or not width:
            raise ImageSizeError(
                f"{results.get('gt_path', 'The image')} is too small to be reduced by {self.scale}: "
                "{}x{} (height x width).".format(*results["gt"].shape[:2])
            )
        results["gt"] = results["gt"][:height, :width]
        results["img"] = KERNELS[self.kernel](results["gt"], self.scale)
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(scale={self.scale}, kernel={self.kernel!r})"
