from importlib.metadata import PackageNotFoundError, version

from mmlle.version import __version__

__all__ = ["collect_env"]


def collect_env() -> dict[str, str]:
    """Versions and hardware that a bug report should name.

    Returns:
        Values by name: what MMEngine collects, and the packages that MMLLE stands on.
    """
    # It imports PyTorch, which commands that only print their help do without.
    from mmengine.utils.dl_utils import collect_env as collect_base_env

    env = collect_base_env()
    for package in ("mmcv", "mmcv-lite", "mmagic", "mmsegmentation", "numpy", "scikit-image"):
        try:
            env[package] = version(package)
        except PackageNotFoundError:
            env[package] = "not installed"
    env["MMLLE"] = __version__
    return env
