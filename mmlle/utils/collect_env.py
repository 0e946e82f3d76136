import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from mmlle.version import __version__

__all__ = ["collect_env"]

_PACKAGES = (
    "torch",
    "mmengine",
    "mmcv",
    "mmcv-lite",
    "mmagic",
    "mmsegmentation",
    "numpy",
    "pillow",
    "scikit-image",
    "onnxruntime",
    "openvino",
)


def collect_env() -> dict[str, str]:
    """Versions and hardware that a bug report should name.

    Returns:
        Values by name: what MMEngine collects, where it is installed, and the packages that MMLLE stands on.
    """
    env = {"sys.platform": sys.platform, "Python": sys.version.replace("\n", "")}
    if find_spec("mmengine") and find_spec("torch"):
        # It imports PyTorch, which commands that only print their help do without.
        from mmengine.utils.dl_utils import collect_env as collect_base_env

        env = collect_base_env()
    for package in _PACKAGES:
        try:
            env[package] = version(package)
        except PackageNotFoundError:
            env[package] = "not installed"
    env["MMLLE"] = __version__
    return env
