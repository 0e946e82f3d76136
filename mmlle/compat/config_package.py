"""Configs of this package by name: ``_base_ = ['mmlle::sgz/sgz_lol.py']``.

Upstream: MMEngine 0.10 (open-mmlab/mmengine).

- ``package::config`` is accepted for the packages of a fixed table only, ``MODULE2PACKAGE``
  (``mmengine/config/utils.py``). The table entry can go when packages can register themselves.
- ``is_installed`` and ``get_installed_path`` (``mmengine/utils/package_utils.py``) ask
  ``pkg_resources``, which setuptools no longer has as of release 82, and which for an editable
  install names a folder in site-packages that does not exist. Their replacement can go when
  MMEngine asks ``importlib`` instead.
- ``mmengine.hub.get_model(…, pretrained=True)`` takes a metafile's ``Weights`` that are no URL for a
  path from the working directory. Those of this package, ``mmlle/zoo/…``, lie in the package. The
  replacement can go when MMEngine takes them for relative to the package.

MMEngine looks a config up in the metafiles named by ``mmlle/.mim/model-index.yml`` and, when none
names it, in ``mmlle/.mim/configs``; ``setup.py`` puts both there.
"""

import functools
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from mmengine.config import utils as config_utils
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.utils import package_utils

__all__ = ["repair"]

#: The modules of MMEngine that hold a copy of the functions.
_HOLDERS = (
    "mmengine.config.utils",
    "mmengine.utils",
    "mmengine.utils.package_utils",
    "mmengine.config.config",
    "mmengine.hub.hub",
)


def _folder(package: str) -> Path | None:
    """Folder of the package that ``import`` would find, by its name as a distribution or module."""
    modules = {distribution: module for module, distribution in MODULE2PACKAGE.items()}
    try:
        spec = find_spec(modules.get(package, package))
    except (ImportError, ValueError):  # a dotted name without parent, or a module without spec
        return None
    # A namespace package has no origin, a single module no folder of its own.
    if spec is None or spec.origin is None or spec.submodule_search_locations is None:
        return None
    return Path(spec.origin).parent


def _replace(original: Callable, replacement: Callable) -> None:
    """Put a function in the place of one of MMEngine's."""
    # mmengine.hub.hub is not loaded yet as a rule and will copy the replacement.
    for holder in _HOLDERS:
        if getattr(sys.modules.get(holder), original.__name__, None) is original:
            setattr(sys.modules[holder], original.__name__, replacement)


def _ask_import(name: str, answer: Callable[[Path], object]) -> None:
    """Put a function that knows what ``import`` finds before MMEngine's function ``name``."""
    original = getattr(package_utils, name)
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def replacement(package: str) -> object:
        folder = _folder(package)
        return original(package) if folder is None else answer(folder)

    _replace(original, replacement)


def _find_weights() -> None:
    """Put the path of weights that lie in this package into what MMEngine reads of its metafiles."""
    original = config_utils._get_cfg_metainfo
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def replacement(package_path: str, cfg_path: str) -> dict:
        metainfo = original(package_path, cfg_path)
        weights = Path(package_path).parent / metainfo.get("Weights", "")
        if Path(package_path) == _folder("mmlle") and weights.is_file():
            metainfo["Weights"] = str(weights)
        return metainfo

    _replace(original, replacement)


def repair() -> None:
    """Make MMEngine accept ``mmlle::…`` and find packages however they are installed.

    The answer for a package that can be imported is the one that ``import`` gives; for every other
    one MMEngine's own function is asked as before.
    """
    MODULE2PACKAGE.setdefault("mmlle", "mmlle")
    _ask_import("is_installed", lambda folder: True)
    _ask_import("get_installed_path", str)
    _find_weights()
