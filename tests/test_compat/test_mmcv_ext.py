import importlib.metadata
import inspect
import sys
from importlib.machinery import ModuleSpec

import pytest

from mmlle.compat import mmcv_ext

LITE = "mmcv" not in {d.metadata["Name"] for d in importlib.metadata.distributions()}
needs_lite = pytest.mark.skipif(not LITE, reason="full mmcv is installed: nothing to stand in for")

EVERYTHING = """
import mmagic.models, mmagic.datasets, mmagic.engine, mmagic.evaluation, mmagic.visualization
import mmseg.models
"""


@pytest.fixture
def stand_in():
    (finder,) = (f for f in sys.meta_path if isinstance(f, mmcv_ext._StandInFinder))
    return finder.create_module(ModuleSpec("mmcv._ext", finder))


@needs_lite
def test_without_the_repair_mmcv_ops_cannot_be_imported(run_python):
    result = run_python("import mmcv.ops")
    assert result.returncode != 0
    assert "No module named 'mmcv._ext'" in result.stderr


def test_with_it_mmagic_and_mmseg_can_be_imported(run_python):
    result = run_python("import mmlle" + EVERYTHING)
    assert result.returncode == 0, result.stderr


def test_an_operator_refuses_when_it_is_called(stand_in):
    with pytest.raises(RuntimeError, match="'nms' is compiled code.*needs full mmcv"):
        stand_in.nms([1], threshold=0.5)


def test_questions_about_the_compiler_are_answered(stand_in):
    assert stand_in.get_compiler_version() == "n/a (mmcv-lite)"
    assert stand_in.get_compiling_cuda_version() == "n/a (mmcv-lite)"


@pytest.mark.parametrize("name", ["__path__", "__wrapped__", "__file__", "__all__", "_private"])
def test_the_module_has_no_made_up_attributes(stand_in, name):
    assert not hasattr(stand_in, name)


def test_the_module_stands_inspection(stand_in):
    assert inspect.unwrap(stand_in) is stand_in
    assert inspect.getdoc(stand_in) == "Stands in for mmcv's compiled operators."
    assert stand_in.nms is stand_in.nms
    assert stand_in.nms.__name__ == "nms"


def test_only_this_name_is_found():
    finder = mmcv_ext._StandInFinder()
    assert finder.find_spec("mmcv._ext") is not None
    for name in ("mmcv", "mmcv.ops", "mmcv._ext2", "_ext"):
        assert finder.find_spec(name) is None


def test_a_compiled_extension_wins(run_python, tmp_path):
    # A package named mmcv that has an _ext of its own, as full mmcv does.
    (tmp_path / "mmcv").mkdir()
    (tmp_path / "mmcv" / "__init__.py").touch()
    (tmp_path / "mmcv" / "_ext.py").write_text("nms = 'compiled'")
    result = run_python("import mmlle, mmcv._ext as ext; print(ext.nms)")
    assert result.stdout.strip() == "compiled", result.stderr


def test_it_is_applied_once():
    mmcv_ext.repair()
    mmcv_ext.repair()
    assert sum(isinstance(f, mmcv_ext._StandInFinder) for f in sys.meta_path) == 1
