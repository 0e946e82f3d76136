import ctypes
import sys

__all__ = ["keep_freed_memory", "return_freed_memory"]

# <malloc.h>
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
# Older releases of glibc take no more than half a heap of 64 MiB.
_LARGEST, _LARGEST_OF_OLD = 2**31 - 1, 2**25


def keep_freed_memory(largest: int = _LARGEST) -> None:
    """Let glibc keep large blocks that are freed, instead of returning each to the system at once.

    PyTorch has no cache of its own for CPU memory. Training allocates and frees the same activations in every
    step, and the system clears every page anew.
    Where the C library is another one, nothing happens.

    Args:
        largest: Bytes of the largest block that is kept. Large ones leave holes that few others fit into.
    """
    libc = _glibc()
    if libc is not None:
        any(libc.mallopt(_M_MMAP_THRESHOLD, threshold) for threshold in (largest, _LARGEST_OF_OLD))
        libc.mallopt(_M_TRIM_THRESHOLD, _LARGEST)


def return_freed_memory() -> None:
    """Let glibc return to the system what it kept; where the C library is another one, nothing happens."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "gnu_get_libc_version") else None
