"""Actions that wait for a module, so that ``import mmlle`` need not import what it repairs.

This file can go with the last repair that :func:`mmlle.compat.apply_repairs` puts off.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

__all__ = ["when_imported"]


def when_imported(name: str, action: Callable[[], object]) -> None:
    """Do something once a module has been imported: at once, if it has been already.

    Args:
        name: Full name of the module, one that Python finds on its path.
        action: What to do. Given again while the module is waited for, it is done once.
    """
    if name in sys.modules:
        action()
    elif not any(isinstance(finder, _Finder) and finder.waits(name, action) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder(name, action))


class _Finder(MetaPathFinder):
    """Finds one module as Python does, and lets an action follow its import."""

    def __init__(self, name: str, action: Callable[[], object]) -> None:
        self._name = name
        self._action = action

    def waits(self, name: str, action: Callable[[], object]) -> bool:
        return (self._name, self._action) == (name, action)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            loader, execute = spec.loader, spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                if self in sys.meta_path:
                    sys.meta_path.remove(self)
                self._action()

            loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
