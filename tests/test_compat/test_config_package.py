import shutil

import pytest

from mmlle.compat import config_package

from .conftest import ROOT

#: What setuptools 82 and later look like: no pkg_resources at all.
NO_PKG_RESOURCES = "raise ModuleNotFoundError(\"No module named 'pkg_resources'\")"


def make_installation(where, configs=True):
    """Copy the package to a folder, with a config that a metafile names and one that none does."""
    package = where / "mmlle"
    shutil.copytree(ROOT / "mmlle", package, ignore=shutil.ignore_patterns(".mim", "__pycache__"))
    mim = package / ".mim"
    (mim / "configs" / "toy").mkdir(parents=True)
    (mim / "model-index.yml").write_text("Import:\n  - configs/toy/metafile.yml\n")
    (mim / "configs" / "toy" / "metafile.yml").write_text(
        "Models:\n"
        "  - Name: named\n"
        "    Config: configs/toy/named.py\n"
        "    Weights: http://localhost/named.pth\n"
    )
    (mim / "configs" / "toy" / "named.py").write_text("model = dict(type='Named')")
    (mim / "configs" / "toy" / "unnamed.py").write_text("model = dict(type='Unnamed')")
    return where


def make_metadata(where):
    """Write the metadata that pip leaves in site-packages."""
    info = where / "mmlle-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mmlle\nVersion: 0.1.0\n")
    (info / "top_level.txt").write_text("mmlle\n")
    return where


INHERIT = """
from mmengine.config import Config
for name in ("named", "unnamed"):
    cfg = Config.fromstring(f"_base_ = ['mmlle::toy/{name}.py']\\nextra = 1", ".py")
    print(cfg.model.type, cfg.extra)
"""

GET_CONFIG = """
from mmengine.hub import get_config
from mmengine.utils import get_installed_path, is_installed
print(get_config("mmlle::toy/named.py", pretrained=True).model_path)
print(get_config("mmlle::toy/unnamed.py").model.type)
print(is_installed("mmlle"), is_installed("no_such_package_here"))
print(get_installed_path("mmlle"))
"""


def test_without_the_repair_the_name_is_refused(run_python, tmp_path):
    site = make_metadata(make_installation(tmp_path / "site"))
    result = run_python(INHERIT, path=(site,))
    assert result.returncode != 0
    assert "does not support to load mmlle config" in result.stderr


@pytest.mark.parametrize(
    ("breakage", "message"),
    [("editable", "FileNotFoundError"), ("no pkg_resources", "No module named 'pkg_resources'")],
)
def test_the_table_entry_alone_does_not_do(run_python, tmp_path, breakage, message):
    source = make_installation(tmp_path / "source")
    site = make_metadata(tmp_path / "site")
    if breakage == "no pkg_resources":
        (site / "pkg_resources.py").write_text(NO_PKG_RESOURCES)
    entry = "from mmengine.config.utils import MODULE2PACKAGE; MODULE2PACKAGE['mmlle'] = 'mmlle'"
    result = run_python(entry + INHERIT, path=(site, source))
    assert result.returncode != 0
    assert message in result.stderr


@pytest.mark.parametrize("layout", ["wheel", "editable", "no pkg_resources"])
def test_with_it_both_kinds_of_config_are_found(run_python, tmp_path, layout):
    # In a wheel's layout package and metadata lie side by side, in an editable install they do not.
    source = make_installation(tmp_path / ("site" if layout == "wheel" else "source"))
    site = make_metadata(tmp_path / "site")
    if layout == "no pkg_resources":
        (site / "pkg_resources.py").write_text(NO_PKG_RESOURCES)
    # The last question is for a package that only MMEngine's own function can answer about.
    code = (
        GET_CONFIG
        if layout != "no pkg_resources"
        else GET_CONFIG.replace(', is_installed("no_such_package_here")', ", False")
    )
    result = run_python("import mmlle" + INHERIT + code, path=(site, source))
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-6:] == [
        "Named 1",
        "Unnamed 1",
        "http://localhost/named.pth",
        "Unnamed",
        "True False",
        str(source / "mmlle"),
    ]


WEIGHTS = """
from mmengine.hub import get_config
print(get_config("mmlle::toy/own.py", pretrained=True).model_path)
print(get_config("mmlle::toy/gone.py", pretrained=True).model_path)
"""


@pytest.mark.parametrize("hub", ["", "import mmengine.hub.hub\n"], ids=["before", "after"])
def test_weights_of_the_package_are_found_from_every_folder(run_python, tmp_path, hub):
    site = make_installation(tmp_path / "site")
    (site / "mmlle/.mim/configs/toy/metafile.yml").write_text(
        "Models:\n"
        "  - {Name: own, Config: configs/toy/own.py, Weights: mmlle/zoo/own.pth}\n"
        "  - {Name: gone, Config: configs/toy/gone.py, Weights: mmlle/zoo/gone.pth}\n"
    )
    for name in ("own", "gone"):
        (site / f"mmlle/.mim/configs/toy/{name}.py").write_text("model = dict(type='Toy')")
    (site / "mmlle/zoo/own.pth").touch()
    result = run_python(hub + "import mmlle" + WEIGHTS, path=(site,))
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [str(site / "mmlle/zoo/own.pth"), "mmlle/zoo/gone.pth"]


def test_other_packages_weights_are_left_alone(tmp_path):
    from mmengine.config import utils

    mim = tmp_path / "other/.mim"
    mim.mkdir(parents=True)
    (mim / "model-index.yml").write_text("Import: [metafile.yml]")
    (mim / "metafile.yml").write_text("Models: [{Name: a, Config: configs/a/a.py, Weights: w.pth}]")
    (tmp_path / "w.pth").touch()
    config_package.repair()
    assert utils._get_cfg_metainfo(str(tmp_path / "other"), "a/a.py")["Weights"] == "w.pth"


def test_a_distribution_is_found_under_the_name_of_its_module():
    import mmseg

    assert config_package._folder("mmsegmentation") == config_package._folder("mmseg")
    assert str(config_package._folder("mmseg")) in mmseg.__file__


@pytest.mark.parametrize("name", ["no_such_package_here", "namespace", "single", "no.such.parent"])
def test_what_has_no_folder_is_left_to_mmengine(name, tmp_path, monkeypatch):
    (tmp_path / "namespace").mkdir()
    (tmp_path / "single.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert config_package._folder(name) is None


def test_it_is_applied_once():
    from mmengine.utils import package_utils

    before = package_utils.get_installed_path
    config_package.repair()
    assert package_utils.get_installed_path is before
    assert not hasattr(before.__wrapped__, "__wrapped__")
