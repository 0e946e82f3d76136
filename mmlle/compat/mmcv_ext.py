"""A stand-in for mmcv's compiled operators, so that ``mmcv.ops`` can be imported without them.

Upstream: mmcv-lite 2.x (open-mmlab/mmcv) ships ``mmcv.ops`` but not the compiled ``mmcv._ext``
that it imports. MMagic 1.2 and MMSegmentation 1.2 import ``mmcv.ops`` on their way in, so neither
can be imported with mmcv-lite, although almost nothing in them calls such an operator. This file
can go when both import without ``mmcv.ops``, or when mmcv has wheels for current torch releases.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import NoReturn

__all__ = ["repair"]

_NAME = "mmcv._ext"

#: What mmcv's ``collect_env`` asks the extension for: questions, not operators.
_QUESTIONS = ("get_compiler_version", "get_compiling_cuda_version")


def _stand_in(name: str) -> Callable:
    def answer() -> str:
        return "n/a (mmcv-lite)"

    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise RuntimeError(
            f"The operator '{name}' is compiled code, which the installed mmcv-lite does not have: "
            "it needs full mmcv. Uninstall mmcv-lite and run: "
            'pip install "mmcv>=2.0.0,<2.2.0" --no-build-isolation'
        )

    function = answer if name in _QUESTIONS else refuse
    function.__name__ = function.__qualname__ = name
    return function


class _StandInModule(ModuleType):
    """A module that has every public name; the functions behind them refuse when called."""

    def __getattr__(self, name: str) -> Callable:
        # Inspection, copying and import machinery probe for names with an underscore: have none.
        if name.startswith("_"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        function = _stand_in(name)
        setattr(self, name, function)
        return function


class _StandInFinder(MetaPathFinder, Loader):
    """Finds ``mmcv._ext`` and nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, origin="mmlle stand-in") if fullname == _NAME else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandInModule(spec.name, doc="Stands in for mmcv's compiled operators.")

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is to be run: the names appear when they are asked for."""


def repair() -> None:
    """Let ``mmcv._ext`` be found where there is no compiled one.

    The finder stands last, so that a compiled extension is always found before it.
    """
    if not any(isinstance(finder, _StandInFinder) for finder in sys.meta_path):
        sys.meta_path.append(_StandInFinder())
