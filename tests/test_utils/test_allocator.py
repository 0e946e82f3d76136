import ctypes
import subprocess
import sys

import pytest

from mmlle.utils.allocator import keep_freed_memory, return_freed_memory

#: Frees a block of 64 MiB and tells whether the C library kept it.
MEASURE = """
import ctypes, sys
from mmlle.utils.allocator import keep_freed_memory, return_freed_memory

def resident():
    return int(open("/proc/self/statm").read().split()[1])

if "keep" in sys.argv:
    keep_freed_memory()
    keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
block = libc.malloc(64 << 20)
ctypes.memset(block, 1, 64 << 20)
held = resident()
libc.free(block)
if "return" in sys.argv:
    return_freed_memory()
print("kept" if resident() > held - 8192 else "returned")
"""


class Library:
    def __init__(self, *functions, largest=2**31 - 1):
        self.calls = []
        self.largest = largest
        for name in functions:
            setattr(self, name, self.call)

    def call(self, parameter, value):
        self.calls.append((parameter, value))
        return int(value <= self.largest)


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"), reason="the C library is not glibc"
)
@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [(["keep"], "kept"), (["leave"], "returned"), (["keep", "return"], "returned")],
)
def test_freed_blocks_stay_with_the_process(arguments, outcome):
    command = [sys.executable, "-c", MEASURE, *arguments]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == outcome


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_nothing_happens_on_other_systems(monkeypatch, platform):
    def fail(name):
        raise AssertionError("the C library was asked for")

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", fail)
    keep_freed_memory()
    return_freed_memory()


@pytest.mark.parametrize("functions", [(), ("mallopt",), ("gnu_get_libc_version",)])
def test_nothing_happens_with_another_c_library(monkeypatch, functions):
    library = Library(*functions)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    keep_freed_memory()
    return_freed_memory()
    assert library.calls == []


def test_both_thresholds_are_raised(monkeypatch):
    library = Library("mallopt", "gnu_get_libc_version")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    keep_freed_memory()
    assert sorted(library.calls) == [(-3, 2**31 - 1), (-1, 2**31 - 1)]


def test_an_older_library_gets_what_it_takes(monkeypatch):
    library = Library("mallopt", "gnu_get_libc_version", largest=2**25)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    keep_freed_memory()
    assert (-3, 2**25) in library.calls
