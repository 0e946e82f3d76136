"""Repairs that let the OpenMMLab packages work together with today's Python packages.

One file per repair; its docstring says what is broken where, and when the file can go. Each acts
only where the fault is present. Those that need torch are left to the places that use torch:
:mod:`mmlle.registry` applies :mod:`.checkpoint`, and training and testing call
:func:`.distributed.init_distributed`. :mod:`mmlle.cli` calls :func:`.transformers_warnings.silence`.
"""

from . import config_package, mmcv_ext, numpy_bool8

__all__ = ["apply_repairs"]


def apply_repairs() -> None:
    """Apply the repairs that cost next to nothing; ``import mmlle`` calls it.

    Calling it again changes nothing.
    """
    numpy_bool8.repair()
    mmcv_ext.repair()
    config_package.repair()
