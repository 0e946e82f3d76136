import os
import subprocess
import sys
from importlib import metadata

import pytest

import mmlle

GOOD = {"mmengine": "0.10.7", "mmcv-lite": "2.1.0", "mmagic": "1.2.0", "mmsegmentation": "1.2.2"}


@pytest.fixture
def installed(monkeypatch):
    """Pretend that the given distributions are installed, beside good ones; None: not installed."""

    def pretend(**changes):
        versions = {**GOOD, **{name.replace("_", "-"): v for name, v in changes.items()}}

        def version(name):
            if versions.get(name) is None:
                raise metadata.PackageNotFoundError(name)
            return versions[name]

        monkeypatch.setattr(metadata, "version", version)

    return pretend


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"mmcv_lite": None, "mmcv": "2.1.0"},
        {"mmcv_lite": "2.1.0+local"},
        {"mmagic": "1.2.1rc1", "mmengine": "0.10.8.dev1"},
        {"mmcv_lite": "2.1.0", "mmcv": "2.1.0"},
    ],
)
def test_versions_inside_the_windows_pass(installed, changes):
    installed(**changes)
    mmlle.check_versions()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"mmengine": None},
            '  mmengine >=0.10.7,<0.11 is needed, none is installed. Run: pip install "mmengine>=',
        ),
        (
            {"mmcv_lite": "2.2.0"},
            "  mmcv-lite or mmcv >=2.1.0,<2.2 is needed, mmcv-lite 2.2.0 is installed."
            ' Run: pip install "mmcv-lite>=2.1.0,<2.2"',
        ),
        (
            # Reinstalling mmcv-lite would leave the wrong mmcv where it is.
            {"mmcv_lite": None, "mmcv": "1.7.0"},
            'mmcv 1.7.0 is installed. Run: pip install "mmcv>=2.1.0,<2.2"',
        ),
        (
            {"mmcv": "1.7.0"},
            'mmcv-lite 2.1.0 and mmcv 1.7.0 is installed. Run: pip install "mmcv>=',
        ),
        (
            {"mmagic": "1.1.0"},
            'mmagic 1.1.0 is installed. Run: pip install --no-deps "mmagic>=1.2.0,<1.3"',
        ),
        ({"mmsegmentation": None}, 'Run: pip install --no-deps "mmsegmentation>='),
    ],
)
def test_a_wrong_version_is_named_with_the_command_that_mends_it(installed, changes, message):
    installed(**changes)
    with pytest.raises(ImportError) as error:
        mmlle.check_versions()
    assert message in str(error.value)
    assert str(error.value).count("is needed") == 1


@pytest.mark.parametrize(
    ("package", "versions"),
    [
        ("mmengine", ["0.10.6", "0.10.7rc1", "0.11.0.dev0", "0.11.0a1", "0.11.0rc0", "0.11.0rc4", "0.11.0"]),
        ("mmcv_lite", ["2.0.1", "2.2.0rc1", "2.2.0", "2.2.1rc1"]),
        ("mmagic", ["1.2.0rc1", "1.3.0rc1", "1.3.0", "2.0.0rc1"]),
        ("mmsegmentation", ["1.2.1", "1.3.0rc1", "1.3.0"]),
    ],
)
def test_no_version_beyond_the_tested_minor_release_passes(installed, package, versions):
    for version in versions:
        installed(**{package: version})
        with pytest.raises(ImportError, match=rf" {version} is installed"):
            mmlle.check_versions()


def test_all_problems_are_told_at_once(installed):
    installed(mmagic=None, mmsegmentation="2.0.0")
    with pytest.raises(ImportError, match=r"(?s)mmagic.*\n.*mmsegmentation.*setup_env\.sh"):
        mmlle.check_versions()


def fresh(code):
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def test_importing_the_package_is_light():
    loaded = set(fresh("import mmlle, sys; print(*sys.modules)"))
    assert "mmlle.compat.mmcv_ext" in loaded
    assert not {"torch", "numpy", "mmengine", "mmcv", "mmagic", "mmseg", "packaging"} & loaded


def test_importing_the_package_takes_no_time():
    code = "import time; start = time.process_time(); import mmlle; print(time.process_time() - start)"
    assert min(float(*fresh(code)) for _ in range(3)) < 0.1


def test_the_versions_are_checked_where_the_packages_are_needed(tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(
        "from importlib import metadata\n"
        "real = metadata.version\n"
        "metadata.version = lambda name: '9.9' if name == 'mmagic' else real(name)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    code = "import sys, mmlle\ntry: import mmlle.registry\nexcept ImportError as error: print(error)"
    assert "mmagic 9.9 is installed" in " ".join(fresh(code))
    code += "\nprint('mmagic' in sys.modules, 'torch' in sys.modules)"
    assert fresh(code)[-2:] == ["False", "False"]
