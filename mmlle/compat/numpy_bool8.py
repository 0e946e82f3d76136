"""``numpy.bool8``, which NumPy 2 removed and MMagic uses.

Upstream: MMagic 1.2.0 (open-mmlab/mmagic), ``mmagic/utils/trans_utils.py`` reads ``np.bool8`` at
import. Removed by NumPy 2.0 (numpy/numpy#22607 deprecated it). This file can go with the first
MMagic release that says ``np.bool_``.
"""

import warnings

import numpy as np

__all__ = ["repair"]


def repair() -> None:
    """Make ``np.bool8`` another name of ``np.bool_``, where NumPy no longer has it."""
    with warnings.catch_warnings():
        # NumPy 1.24 to 1.26 still has the name and warns when it is asked for.
        warnings.simplefilter("ignore", DeprecationWarning)
        missing = not hasattr(np, "bool8")
    if missing:
        vars(np)["bool8"] = np.bool_
