import importlib.metadata
import inspect
import sys

import pytest

from mmlle.compat import mmcv_ext

from .conftest import ROOT

LITE = "mmcv" not in {d.metadata["Name"] for d in importlib.metadata.distributions()}
needs_lite = pytest.mark.skipif(not LITE, reason="full mmcv is installed: nothing to stand in for")

EVERYTHING = """
import mmagic.models, mmagic.datasets, mmagic.engine, mmagic.evaluation, mmagic.visualization
import mmseg.models
"""


@pytest.fixture
def stand_in():
    with mmcv_ext._stand_in_module():
        return sys.modules["mmcv._ext"]


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


#: Asks as a third party would, which imports MMEngine's function and mmcv's operators.
THIRD_PARTY = """
import sys
from mmengine.utils.dl_utils import mmcv_full_available

def ask():
    try:
        import mmcv.ops
    except ModuleNotFoundError as error:
        found = str(error)
    else:
        found = "imported"
    return found, mmcv_full_available()
"""


@needs_lite
def test_a_third_party_finds_what_mmcv_lite_has(run_python, tmp_path):
    (tmp_path / "third_party.py").write_text(THIRD_PARTY)
    result = run_python(
        "from third_party import ask; print(*ask(), sep=';'); import mmlle.registry; print(*ask(), sep=';')",
        path=(ROOT, tmp_path),
    )
    before, after = result.stdout.splitlines()
    assert before == after == "No module named 'mmcv._ext';False"


@needs_lite
def test_mmagic_can_be_imported_after_a_third_party_has_asked(run_python, tmp_path):
    (tmp_path / "third_party.py").write_text(THIRD_PARTY)
    result = run_python(
        "import mmlle, third_party; third_party.ask(); import mmagic.models.editors.edvr, sys;"
        "print(third_party.mmcv_full_available(), 'mmcv._ext' in sys.modules);"
        "from mmcv.ops import ModulatedDeformConv2d; print(ModulatedDeformConv2d.__module__)",
        path=(ROOT, tmp_path),
    )
    assert result.stdout.splitlines()[-2:] == ["False False", "mmcv.ops.modulated_deform_conv"], result.stderr


@needs_lite
def test_an_import_that_fails_leaves_no_stand_in(monkeypatch):
    def fail(self, module):
        assert "mmcv._ext" in sys.modules
        raise ImportError("of mmcv itself")

    monkeypatch.setattr(mmcv_ext.SourceFileLoader, "exec_module", fail)
    with pytest.raises(ImportError, match="of mmcv itself"):
        mmcv_ext._OpsLoader("mmcv.ops", "ops.py").exec_module(None)
    assert "mmcv._ext" not in sys.modules


def test_a_compiled_extension_wins(run_python, tmp_path):
    # Packages of the names that matter, mmcv with an _ext of its own, as full mmcv has.
    for package, code in (("mmcv", ""), ("mmcv/ops", "from mmcv import _ext"), ("mmagic", "import mmcv.ops")):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(code)
    (tmp_path / "mmcv" / "_ext.py").write_text("nms = 'compiled'")
    result = run_python("import mmlle, mmagic, mmcv; print(mmcv._ext.nms)", path=(tmp_path, ROOT))
    assert result.stdout.strip() == "compiled", result.stderr


def test_it_is_applied_once():
    mmcv_ext.repair()
    mmcv_ext.repair()
    assert sum(isinstance(f, mmcv_ext._OpsFinder) for f in sys.meta_path) == 1
