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
    mmlle._check_versions()


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
        mmlle._check_versions()
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
            mmlle._check_versions()


def test_all_problems_are_told_at_once(installed):
    installed(mmagic=None, mmsegmentation="2.0.0")
    with pytest.raises(ImportError, match=r"(?s)mmagic.*\n.*mmsegmentation.*setup_env\.sh"):
        mmlle._check_versions()


def test_importing_the_package_is_light():
    code = "import mmlle, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "mmlle.compat.mmcv_ext" in loaded
    assert not {"torch", "mmcv", "mmagic", "mmseg"} & set(loaded)
