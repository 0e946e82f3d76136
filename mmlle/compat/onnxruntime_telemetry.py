"""ONNX Runtime reports its use.

From 1.32 on it writes an identifier of the device into the user's cache folder as soon as it is imported,
which Diffusers does for MMagic, and has an address to report to. This file can go when it asks first.
"""

import os

__all__ = ["disable"]


def disable() -> None:
    """Switch the reports off, unless the user has decided."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
