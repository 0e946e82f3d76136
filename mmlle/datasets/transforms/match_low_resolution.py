from mmcv.transforms import BaseTransform

from mmlle.registry import TRANSFORMS
from mmlle.utils.errors import ImageSizeError

__all__ = ["MatchLowResolution"]


@TRANSFORMS.register_module()
class MatchLowResolution(BaseTransform):
    """Cut the ground truth to the size that a super-resolution of the image will have.

    For low-resolution images of a folder of their own; :class:`MakeLowResolution` makes them instead.

    Required keys: ``img``, (H, W, 3), and ``gt``. Modified keys: ``gt``, cut at the bottom and on the right
    to (scale * H, scale * W, 3), of which less than ``scale`` rows and columns may be left over.

    Args:
        scale: By how much the image was reduced.
    """

    def __init__(self, scale: int = 4) -> None:
        self.scale = scale

    def transform(self, results: dict) -> dict:
        """Cut the ground truth.

        Raises:
            ImageSizeError: If the image is not the ground truth reduced by ``scale``.
        """
        (height, width), (truth_height, truth_width) = results["img"].shape[:2], results["gt"].shape[:2]
        if (height, width) != (truth_height // self.scale, truth_width // self.scale):
            raise ImageSizeError(
                f"The ground truth must be {self.scale} times as large as the image: "
                f"{results.get('img_path', '?')} is {height}x{width} and {results.get('gt_path', '?')} "
                f"{truth_height}x{truth_width} (height x width)."
            )
        results["gt"] = results["gt"][: self.scale * height, : self.scale * width]
        return results

    def __repr__(self) -> str:
        return f"{type(self).__name__}(scale={self.scale})"
