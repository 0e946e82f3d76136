from collections.abc import Iterator
from contextlib import contextmanager

from .errors import UserError

__all__ = ["pytorch_needed"]

#: What models, training and testing need, and running an exported file does not.
_PACKAGES = {"mmagic", "mmcv", "mmengine", "mmseg", "torch", "torchvision"}


@contextmanager
def pytorch_needed() -> Iterator[None]:
    """Say in one line that PyTorch or an OpenMMLab package is missing.

    Raises:
        UserError: In place of the ModuleNotFoundError of such a package.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _PACKAGES:
            raise
        raise UserError(
            f"{package} is not installed. Models by name or config, training and testing need PyTorch and "
            'the OpenMMLab packages: pip install "mmlle[mim]". Without them, `mmlle enhance --model F.onnx` '
            "runs a file that `mmlle export` wrote."
        ) from error
