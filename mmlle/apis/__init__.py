"""What Python code calls: :class:`LowLightInferencer`, :func:`train` and :func:`test`."""

from importlib import import_module
from typing import Any

__all__ = ["LowLightInferencer", "test", "train"]

_MODULES = {"LowLightInferencer": "inferencer", "test": "testing", "train": "training"}


def __getattr__(name: str) -> Any:
    # These import PyTorch, which takes seconds to load; `mmlle --help` should not.
    if name in _MODULES:
        return getattr(import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
