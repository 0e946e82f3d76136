import sys

import pytest

from mmlle.compat.when_imported import when_imported


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A package with a module that is not imported yet."""
    (tmp_path / "waited_for").mkdir()
    (tmp_path / "waited_for/__init__.py").write_text("from .part import value")
    (tmp_path / "waited_for/part.py").write_text("value = 1")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    yield "waited_for.part"
    for name in ("waited_for.part", "waited_for"):
        sys.modules.pop(name, None)


def test_it_waits_for_the_module(module):
    found = []
    finders = list(sys.meta_path)
    when_imported(module, lambda: found.append(sys.modules[module].value))
    assert found == []
    assert "waited_for" not in sys.modules
    import waited_for

    assert found == [1]
    assert waited_for.value == 1
    assert sys.meta_path == finders


def test_it_is_done_at_once_for_a_module_that_is_there(module):
    import waited_for  # noqa: F401

    found = []
    when_imported(module, lambda: found.append(1))
    assert found == [1]


def test_asked_for_again_it_is_done_once(module):
    found = []

    def action():
        found.append(1)

    when_imported(module, action)
    when_imported(module, action)
    import waited_for  # noqa: F401

    assert found == [1]


def test_a_module_that_is_not_there_is_not_found(module):
    found = []
    when_imported("waited_for.nothing", lambda: found.append(1))
    with pytest.raises(ModuleNotFoundError, match="waited_for.nothing"):
        import waited_for.nothing  # noqa: F401
    assert found == []


def test_the_package_waits_for_mmengine_and_numpy(run_python):
    code = "import sys, mmlle; from mmlle.compat import apply_repairs; apply_repairs()\n"
    code += "waiting = len(sys.meta_path); import mmengine, numpy\n"
    code += "from mmengine.config.utils import MODULE2PACKAGE\n"
    code += "print('mmlle' in MODULE2PACKAGE, hasattr(numpy, 'bool8'), waiting - len(sys.meta_path))"
    result = run_python(code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["True", "True", "2"]
