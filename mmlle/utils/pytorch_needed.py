from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from .errors import UserError

__all__ = ["check_pytorch", "pytorch_installed", "pytorch_needed"]

#: What models, training and testing need, and running an exported file does not.
_PACKAGES = {"mmagic", "mmcv", "mmengine", "mmseg", "torch", "torchvision"}


def pytorch_installed() -> bool:
    """Tell whether PyTorch and the OpenMMLab packages are there; none of them is imported."""
    return not _first_missing()


def check_pytorch() -> None:
    """Find PyTorch and the OpenMMLab packages, without importing them.

    Raises:
        UserError: If one is missing.
    """
    if package := _first_missing():
        raise _missing(package)


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
        raise _missing(package) from error


def _first_missing() -> str | None:
    return next((package for package in sorted(_PACKAGES) if find_spec(package) is None), None)


def _missing(package: str) -> UserError:
    return UserError(
        f"{package} is not installed. Configs, weights, training and testing need PyTorch and the "
        "OpenMMLab packages (tools/setup_env.sh installs them, or the extra mim). Without them, "
        "`mmlle enhance` runs the models that come exported, and files that `mmlle export` wrote."
    )
