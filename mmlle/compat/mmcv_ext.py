"""A stand-in for mmcv's compiled operators, so that MMagic and MMSegmentation can be imported without them.

Upstream: mmcv-lite 2.x (open-mmlab/mmcv) ships ``mmcv.ops`` but not the compiled ``mmcv._ext``
that it imports. MMagic 1.2 and MMSegmentation 1.2 import ``mmcv.ops`` on their way in, so neither
can be imported with mmcv-lite, although almost nothing in them calls such an operator. This file
can go when both import without ``mmcv.ops``, or when mmcv has wheels for current torch releases.

The stand-in is there for these two alone, and only while ``mmcv.ops`` is being imported: anyone else
who imports ``mmcv.ops``, or asks MMEngine's ``mmcv_full_available``, gets the answer that mmcv-lite
gives. One thing differs: once MMagic or MMSegmentation has imported ``mmcv.ops``, it is loaded.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import FrameType, ModuleType
from typing import NoReturn

__all__ = ["repair"]

_OPS, _EXT = "mmcv.ops", "mmcv._ext"

#: The packages that need the stand-in.
_CLIENTS = ("mmagic", "mmseg")

#: Python's import machinery, a part of it frozen, and mmcv itself.
_MACHINERY = ("importlib", "_frozen_importlib", "_frozen_importlib_external", "mmcv")

#: What mmcv's ``collect_env`` asks the extension for: questions, not operators.
_QUESTIONS = ("get_compiler_version", "get_compiling_cuda_version")


def _stand_in(name: str) -> Callable:
    def answer() -> str:
        return "n/a (mmcv-lite)"

    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise RuntimeError(
            f"The operator '{name}' is compiled code, which the installed mmcv-lite does not have: "
            "it needs full mmcv. Uninstall mmcv-lite and run: "
            'pip install "mmcv>=2.1.0,<2.2" --no-build-isolation'
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


@contextmanager
def _stand_in_module() -> Iterator[None]:
    """Let ``mmcv._ext`` be imported; whoever looks for it without importing it does not find it."""
    module = _StandInModule(_EXT, doc="Stands in for mmcv's compiled operators.")
    module.__spec__ = ModuleSpec(_EXT, loader=None)
    sys.modules[_EXT] = module
    try:
        yield
    finally:
        del sys.modules[_EXT]


class _OpsLoader(SourceFileLoader):
    """Runs ``mmcv/ops/__init__.py``, which imports all of ``mmcv.ops``, with the stand-in at hand."""

    def exec_module(self, module: ModuleType) -> None:
        with _stand_in_module():
            super().exec_module(module)


class _OpsFinder(MetaPathFinder):
    """Finds ``mmcv.ops`` for MMagic and MMSegmentation where there is no compiled extension."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _OPS or _importer() not in _CLIENTS or importlib.util.find_spec(_EXT) is not None:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _OpsLoader(spec.loader.name, spec.loader.path)
        return spec


def _importer() -> str | None:
    """Name of the package that wants to import something, past Python's machinery and mmcv itself."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        package = name.partition(".")[0]
        if name != __name__ and package not in _MACHINERY:
            return package
        frame = frame.f_back
    return None


def repair() -> None:
    """Let MMagic and MMSegmentation import ``mmcv.ops``. Calling it again changes nothing.

    The finder stands first, since Python's own would find the package as well, and refuses all but this
    one name at once.
    """
    if not any(isinstance(finder, _OpsFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _OpsFinder())
