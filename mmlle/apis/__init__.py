"""What scripts and people call: :class:`LowLightInferencer`, and the commands."""

from typing import Any

__all__ = ["LowLightInferencer"]


def __getattr__(name: str) -> Any:
    # The inferencer brings PyTorch along, which takes seconds to load; `mmlle --help` should not.
    if name in __all__:
        from .inferencer import LowLightInferencer

        return LowLightInferencer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
