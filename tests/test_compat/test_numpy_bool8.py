import numpy as np

from mmlle.compat import numpy_bool8

#: Runs MMagic's file by itself: importing the package would take seconds and need other repairs.
MMAGIC = """
import runpy, sys
from importlib.metadata import distribution
import numpy as np
vars(np).pop("bool8", None)
del np.__getattr__  # NumPy 1 makes deprecated names up here
if "repair" in sys.argv:
    import mmlle
runpy.run_path(str(distribution("mmagic").locate_file("mmagic/utils/trans_utils.py")))
"""


def test_without_the_repair_mmagic_fails(run_python):
    result = run_python(MMAGIC)
    assert result.returncode != 0
    assert "has no attribute 'bool8'" in result.stderr


def test_with_it_mmagic_works(run_python):
    result = run_python(MMAGIC, "repair")
    assert result.returncode == 0, result.stderr


def test_a_present_name_is_left_alone(monkeypatch):
    present = object()
    monkeypatch.setattr(np, "bool8", present, raising=False)
    numpy_bool8.repair()
    assert np.bool8 is present


def test_looking_for_the_name_does_not_warn(recwarn):
    numpy_bool8.repair()
    assert not recwarn.list
