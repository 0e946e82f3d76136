"""Repairs that let the OpenMMLab packages work together with today's Python packages.

One file per repair; its docstring says what is broken where, and when the file can go. Each acts
only where the fault is present. Those that need torch are left to the places that use torch:
:mod:`mmlle.registry` applies :mod:`.checkpoint`, and training and testing call
:func:`.distributed.init_distributed`. :mod:`mmlle.cli` calls :func:`.transformers_warnings.silence`.
"""

from . import mmcv_ext, onnxruntime_telemetry
from .when_imported import when_imported

__all__ = ["apply_repairs"]


def apply_repairs() -> None:
    """Apply the repairs to NumPy and MMEngine, each once what it repairs is imported.

    ``import mmlle`` calls it. Calling it again changes nothing.
    """
    mmcv_ext.repair()
    onnxruntime_telemetry.disable()
    when_imported("numpy", _repair_numpy)
    when_imported("mmengine.config", _repair_mmengine)


def _repair_numpy() -> None:
    from . import numpy_bool8

    numpy_bool8.repair()


def _repair_mmengine() -> None:
    from . import config_package

    config_package.repair()
