import sys
from importlib import metadata

import pytest
import run_mmengine_tests as script

#: Of the four outcomes a test can have, two are others once mmlle is imported.
TESTS = """
import sys
import pytest
@pytest.fixture
def broken():
    raise OSError
def test_passes(): pass
def test_fails(): assert False
def test_has_an_error(broken): pass
def test_is_skipped(): pytest.skip("here")
def test_breaks(): assert "mmlle" not in sys.modules
def test_is_mended(): assert "mmlle" in sys.modules
"""


@pytest.fixture
def source(tmp_path, monkeypatch):
    """What looks like a checkout of MMEngine."""
    (tmp_path / "mmengine").mkdir()
    (tmp_path / "mmengine/version.py").write_text(f"__version__ = '{metadata.version('mmengine')}'\n")
    (tmp_path / "tests/test_config").mkdir(parents=True)
    (tmp_path / "tests/test_config/test_all.py").write_text(TESTS)
    monkeypatch.setattr(script, "IMPORTED", ("mmlle",))
    return tmp_path


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["script", *map(str, arguments)])
    return script.main()


def test_outcomes_are_compared(source, monkeypatch, capsys):
    assert run(monkeypatch, source, "test_config") == 1
    name = "tests.test_config.test_all"
    assert capsys.readouterr().out.splitlines() == [
        "without mmlle: 1 error, 2 failed, 2 passed, 1 skipped",
        "with mmlle:    1 error, 2 failed, 2 passed, 1 skipped",
        f"{name}::test_breaks: passed without mmlle, failed with it",
        f"{name}::test_is_mended: failed without mmlle, passed with it",
    ]
    assert [p.name for p in (source / "tests/test_config").iterdir()] == ["test_all.py"]


def test_what_is_mended_is_no_failure(source, monkeypatch):
    file = source / "tests/test_config/test_all.py"
    file.write_text(file.read_text().replace("def test_breaks", "def not_a_test"))
    assert run(monkeypatch, source, "test_config") == 0


def test_a_checkout_of_another_version_is_refused(source, monkeypatch):
    (source / "mmengine/version.py").write_text("__version__ = '0.1.0'\n")
    with pytest.raises(SystemExit, match=r"is not MMEngine .*Run: git checkout v"):
        run(monkeypatch, source)
    with pytest.raises(SystemExit, match=r"no checkout of MMEngine"):
        run(monkeypatch, source / "tests")
