import ast
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from PIL import Image

import mmlle

ROOT = Path(__file__).resolve().parents[1]

#: Put into every copy of the checkout, so that the tests do not depend on what the methods bring.
EXTRA_FILES = {
    "configs/packaging/with.dots-and-dashes.py": "model = dict(type='Dotted')",
    "configs/packaging/named.py": "model = dict(type='Named')",
    "configs/packaging/metafile.yml": "Models: [{Name: n, Config: configs/packaging/named.py}]",
    "configs/packaging/README.md": "# Packaging",
    "tools/packaging/deeper/run.sh": "exit 0",
    "model-index.yml": "Import:\n  - configs/packaging/metafile.yml\n",
    "mmlle/zoo/tiny.pth": "weights",
}
JUNK = ("configs/packaging/__pycache__/named.cpython-311.pyc", "tools/packaging/old.pyc")

READ_CONFIGS = """
import mmlle
from mmengine.config import Config
for name in ("named", "with.dots-and-dashes"):
    print(Config.fromstring(f"_base_ = ['mmlle::packaging/{name}.py']", ".py").model.type)
print(mmlle.__file__)
"""


def run(*command, cwd, **environment):
    # Without the checkout, which would be imported instead of what was built.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def files_of_checkout():
    """List what git knows or would add; the copy of a built folder would prove nothing."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: what belongs to the package is not known")
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def copy_checkout(where):
    for name in files_of_checkout():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, where / name)
    for name, content in (*EXTRA_FILES.items(), *((name, "junk") for name in JUNK)):
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(content)
    return where


def expected_mim():
    names = {*files_of_checkout(), *EXTRA_FILES}
    return {n for n in names if n.startswith(("configs/", "tools/"))} | {"model-index.yml"}


def mim_of_wheel(wheel):
    prefix = "mmlle/.mim/"
    with zipfile.ZipFile(wheel) as archive:
        return {n.removeprefix(prefix) for n in archive.namelist() if n.startswith(prefix)}


@pytest.fixture(scope="module")
def no_torch(tmp_path_factory):
    """Environment in which importing torch raises."""
    folder = tmp_path_factory.mktemp("poison")
    (folder / "torch.py").write_text("raise AssertionError('the build imports torch')")
    return {"PYTHONPATH": str(folder)}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return copy_checkout(tmp_path_factory.mktemp("a checkout"))


def build_wheel(source, where, environment):
    where.mkdir()
    command = ("pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", where, source)
    run("-m", *command, cwd=where, **environment)
    (wheel,) = where.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(checkout, tmp_path_factory, no_torch):
    return build_wheel(checkout, tmp_path_factory.mktemp("wheel") / "dist", no_torch)


@pytest.fixture(scope="module")
def sdist(checkout, tmp_path_factory, no_torch):
    where = tmp_path_factory.mktemp("sdist")
    run("setup.py", "-q", "sdist", "-d", where, cwd=checkout, **no_torch)
    (archive,) = where.glob("*.tar.gz")
    return archive


def test_the_poison_works(no_torch, tmp_path):
    with pytest.raises(AssertionError, match="the build imports torch"):
        run("-c", "import torch", cwd=tmp_path, **no_torch)


def test_a_wheel_carries_every_config_and_tool(wheel):
    assert mim_of_wheel(wheel) == expected_mim()


def test_a_wheel_carries_the_package_and_its_zoo(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    modules = {n for n in files_of_checkout() if n.startswith("mmlle/") and n.endswith(".py")}
    assert modules <= names
    assert {"mmlle/py.typed", "mmlle/zoo/tiny.pth"} <= names
    info = f"mmlle-{mmlle.__version__}.dist-info"
    assert f"{info}/licenses/LICENSE" in names
    # Nothing but the package: a stray top-level 'tests' or 'configs' would clash with others'.
    assert {n.split("/")[0] for n in names} == {"mmlle", info}


def test_a_wheel_does_not_carry_what_is_gone(checkout, wheel, tmp_path, no_torch):
    # The first wheel has left its build folder behind.
    assert (checkout / "build").is_dir()
    copy = shutil.copytree(checkout, tmp_path / "copy")
    (copy / "configs/packaging/named.py").unlink()
    again = build_wheel(copy, tmp_path / "dist", no_torch)
    assert mim_of_wheel(again) == expected_mim() - {"configs/packaging/named.py"}


def test_an_sdist_carries_what_a_build_needs(sdist):
    with tarfile.open(sdist) as archive:
        names = {n.partition("/")[2] for n in archive.getnames()}
    assert expected_mim() <= names
    assert {"LICENSE", "CITATION.cff", "setup.py", "requirements/lock.txt", "mmlle/py.typed"} <= names
    assert "mmlle/zoo/tiny.pth" in names
    assert not {n for n in names if "__pycache__" in n or n.endswith(".pyc") or ".mim" in n}


def test_a_wheel_from_an_sdist_is_the_same(sdist, wheel, tmp_path, no_torch):
    from_sdist = build_wheel(sdist, tmp_path / "dist", no_torch)
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(from_sdist) as other:
        contents = [{n: a.read(n) for n in a.namelist()} for a in (one, other)]
    assert contents[0].keys() == contents[1].keys()
    info = f"mmlle-{mmlle.__version__}.dist-info"
    differing = {n for n in contents[0] if contents[0][n] != contents[1][n]}
    assert differing <= {f"{info}/RECORD", f"{info}/METADATA"}  # METADATA: newlines of the README


def test_configs_of_an_installed_wheel_are_found(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    output = run("-W", "ignore", "-c", READ_CONFIGS, cwd=tmp_path, PYTHONPATH="site")
    assert output.splitlines()[:2] == ["Named", "Dotted"]
    assert str(tmp_path / "site") in output


#: What an installation that only runs exported files holds besides the wheel.
RUNTIME = ("numpy", "pillow", "opencv-python-headless", "onnxruntime", "tqdm")

ENHANCE = """
import sys
from mmlle.cli.main import main
main(["enhance", "x.jpg", "-o", "y.png", "--model", "F.onnx"])
main(["enhance", "x.jpg", "-o", "z.png"])  # the default model comes exported
main(["models"])
main(["env"])
from mmlle.apis import LowLightInferencer
print(LowLightInferencer("F.onnx")("x.jpg").shape, "torch" in sys.modules)
main(["test", "config.py", "weights.pth"])
"""


@pytest.fixture
def bare_site(wheel, tmp_path):
    """A folder of packages that holds the wheel and what exported files need, and no PyTorch."""
    site = tmp_path / "bare"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for name in RUNTIME:
        distribution = importlib.metadata.distribution(name)
        tops = {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}
        for top in tops:
            (site / top).symlink_to(distribution.locate_file(top))
    return site


def test_an_exported_file_enhances_without_pytorch(bare_site, workspace):
    from mmlle.apis import LowLightInferencer
    from mmlle.apis.torch_backend import TorchBackend
    from mmlle.deployment.export import export_model
    from mmlle.testing import write_images

    export_model(TorchBackend("config.py", "weights.pth", "cpu"), "F.onnx")
    write_images(".", ["x.jpg"], size=(40, 60))
    photograph = Image.open("x.jpg")
    exif = photograph.getexif()
    exif[271] = "A camera"
    photograph.save("x.jpg", exif=exif, dpi=(72, 72))
    result = subprocess.run(
        [sys.executable, "-S", "-c", ENHANCE],  # without the packages of this environment
        env={**os.environ, "PYTHONPATH": str(bare_site)},
        capture_output=True,
        text=True,
    )
    assert "1 of 1 images enhanced: y.png" in result.stdout, result.stderr
    assert "1 of 1 images enhanced: z.png" in result.stdout
    assert "parameters  10,561" in result.stdout
    assert "torch: not installed" in result.stdout
    assert "(40, 60, 3) False" in result.stdout
    assert result.stderr.splitlines()[-1].startswith("Error: mmengine is not installed. Configs, weights")
    assert "Traceback" not in result.stderr
    enhanced = Image.open("y.png")
    assert (enhanced.size, enhanced.getexif()[271]) == ((60, 40), "A camera")
    expected = LowLightInferencer("config.py", "weights.pth", "cpu")("x.jpg")[..., ::-1]
    assert np.abs(np.asarray(enhanced).astype(int) - expected).max() <= 2
    assert np.abs(expected.astype(int) - np.asarray(Image.open("x.jpg"))).max() > 5


#: The index takes files of up to 100 MB; who installs the package waits for it.
LARGEST_WHEEL = 40_000_000


@pytest.mark.slow
class TestRelease:
    """What docs/release.md does, as far as it needs no network."""

    @pytest.fixture(scope="class")
    def files(self, tmp_path_factory):
        source = tmp_path_factory.mktemp("release") / "mmlle"
        for name in files_of_checkout():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
        run("-m", "build", "--no-isolation", cwd=source)  # the wheel is built from the sdist
        return sorted((source / "dist").iterdir())

    @pytest.fixture(scope="class")
    def environment(self, files, tmp_path_factory):
        """An environment of its own, with the wheel; the other packages are found in this one."""
        folder = tmp_path_factory.mktemp("environment")
        run("-m", "venv", "--without-pip", folder, cwd=folder)
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "others.pth").write_text(f"{Path(np.__file__).parents[1]}\n")
        python = folder / "bin/python"
        install = ("--python", python, "install", "-q", "--no-index", "--no-deps", files[0])
        run("-m", "pip", *install, cwd=folder)
        return folder

    def test_there_is_a_wheel_that_is_not_too_large_and_an_sdist(self, files):
        version = mmlle.__version__
        assert [f.name for f in files] == [f"mmlle-{version}-py3-none-any.whl", f"mmlle-{version}.tar.gz"]
        assert 1_000_000 < files[0].stat().st_size <= LARGEST_WHEEL

    def test_the_index_would_take_them(self, files):
        output = run("-m", "twine", "check", "--strict", *files, cwd=files[0].parent)
        assert output.count("PASSED") == 2

    def test_the_wheel_enhances_a_photograph(self, environment, tmp_path):
        from mmlle.testing import write_images

        write_images(tmp_path, ["night.png"], size=(48, 64))

        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

        def command(*arguments):
            program = [str(environment / "bin/mmlle"), *arguments]
            return subprocess.run(
                program, cwd=tmp_path, env=inherited, check=True, capture_output=True, text=True
            ).stdout

        assert command("--version") == f"mmlle {mmlle.__version__}\n"
        assert "sgz" in command("models")
        assert "1 of 1 images enhanced: bright.png" in command("enhance", "night.png", "-o", "bright.png")
        before, after = (np.asarray(Image.open(tmp_path / name)) for name in ("night.png", "bright.png"))
        assert before.shape == after.shape
        assert after.mean() > before.mean() + 5
        program = [environment / "bin/python", "-c", "import mmlle; print(mmlle.__file__)"]
        where = subprocess.run(
            program, cwd=tmp_path, env=inherited, check=True, capture_output=True, text=True
        ).stdout
        assert Path(where.strip()).is_relative_to(environment)

    def test_the_list_of_its_parts_names_every_package(self, environment, locked, tmp_path):
        options = ("--no-validate", "--output-reproducible", "-o", tmp_path / "parts.json")
        run("-m", "cyclonedx_py", "environment", *options, environment / "bin/python", cwd=tmp_path)
        parts = json.loads((tmp_path / "parts.json").read_text())
        assert parts["bomFormat"] == "CycloneDX"
        listed = {normalise(part["name"]): part for part in parts["components"]}
        assert locked.keys() - listed.keys() <= {"pip"}
        assert listed["mmlle"]["licenses"][0]["license"]["id"] == "Apache-2.0"
        needs = {part["ref"]: part["dependsOn"] for part in parts["dependencies"] if "dependsOn" in part}
        # Where the checkout is installed too, its copy in the environment has a reference of another form.
        own = [part["bom-ref"] for part in parts["components"] if part["name"] == "mmlle"]
        assert any(f"torch=={locked['torch']}" in needs.get(ref, ()) for ref in own)


def test_an_editable_install_links_to_the_checkout(tmp_path, no_torch):
    checkout = copy_checkout(tmp_path / "a checkout")
    site = tmp_path / "site"
    site.mkdir()
    build = "import sys; from setuptools.build_meta import build_editable as b; b(sys.argv[1])"
    for _ in range(2):  # a second build finds the links of the first
        run("-c", build, site, cwd=checkout, **no_torch)

    mim = checkout / "mmlle" / ".mim"
    links = {path.name: os.readlink(path) for path in mim.iterdir()}
    assert links == {name: f"../../{name}" for name in ("configs", "tools", "model-index.yml")}
    assert (mim / "configs/packaging/named.py").samefile(checkout / "configs/packaging/named.py")

    (wheel,) = site.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # Unpacked is as good as installed, once the folder's .pth file is read. An editable mmlle that
    # this environment has itself must not be found first.
    install = (
        "import site, sys\n"
        "sys.meta_path[:] = [f for f in sys.meta_path if 'Editable' not in repr(f)]\n"
        "[sys.modules.pop(name) for name in list(sys.modules) if '__editable__' in name]\n"
        "sys.path.insert(0, 'site')\n"
        "site.addsitedir('site')\n"
    )
    output = run("-W", "ignore", "-c", install + READ_CONFIGS, cwd=tmp_path)
    assert output.splitlines()[:2] == ["Named", "Dotted"]
    assert str(checkout) in output


def test_absent_folders_do_not_stop_a_build(tmp_path, no_torch):
    checkout = copy_checkout(tmp_path / "checkout")
    shutil.rmtree(checkout / "configs")  # model-index.yml names a file in it
    assert mim_of_wheel(build_wheel(checkout, tmp_path / "dist", no_torch)) == {
        name for name in expected_mim() if not name.startswith("configs/")
    }


def entries(name):
    """The lines of a file in requirements/ without comments; continued ones are joined."""
    text = (ROOT / "requirements" / name).read_text().replace("\\\n", "")
    return [bare for line in text.splitlines() if (bare := re.sub(r"(^|\s)#.*", "", line).strip())]


@pytest.mark.parametrize("name", ["runtime", "mminstall"])
def test_the_windows_of_the_package_stand_in_the_requirements(name):
    windows = {names[0]: SpecifierSet(window) for names, window, _ in mmlle._NEEDS}
    shared = {r.name: r.specifier for r in map(Requirement, entries(f"{name}.txt")) if r.name in windows}
    assert shared == {n: windows[n] for n in (windows if name == "mminstall" else ["mmengine"])}


@pytest.fixture(scope="module")
def locked():
    """The version of each package of the lock, by its normalised name."""
    versions = {}
    for line in entries("lock.txt"):
        requirement = Requirement(line.partition(" --hash")[0])
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", f"{requirement} is not exact"
        versions[normalise(requirement.name)] = specifier.version
    return versions


@pytest.fixture(scope="module")
def overrides():
    """Where the lock departs from what packages declare: specifiers, None for a package that is left out."""
    needs = map(Requirement, entries("overrides.txt"))
    return {normalise(r.name): r.specifier if r.marker is None else None for r in needs}


def test_each_file_of_the_lock_has_its_hash():
    for line in entries("lock.txt"):
        assert re.fullmatch(r"[\w.-]+==\S+( +--hash=sha256:[0-9a-f]{64})+", line)


def test_the_lock_is_of_all_extras_but_one():
    extras = {line.split()[1].removesuffix(".txt") for line in entries("lock.in") if line.startswith("-r")}
    texts = {path.stem for path in (ROOT / "requirements").glob("*.txt")}
    assert extras == texts - {"accepted_vulnerabilities", "convert", "lock", "overrides"}


@pytest.mark.parametrize("line", [line for line in entries("lock.in") if not line.startswith("-r")])
def test_the_lock_is_what_its_source_asks_for(locked, line):
    requirement = Requirement(line)
    assert requirement.specifier.contains(locked[normalise(requirement.name)])


@pytest.mark.parametrize("file", [line.split()[1] for line in entries("lock.in") if line.startswith("-r")])
def test_the_lock_fulfils_every_requirement(locked, overrides, file):
    for requirement in map(Requirement, entries(file)):
        if requirement.marker and not requirement.marker.evaluate({"python_version": "3.11"}):
            continue
        name = normalise(requirement.name)
        if overrides.get(name, requirement.specifier) is None:
            name += "-headless"  # OpenCV
        assert name in locked, f"{requirement} is not locked"
        assert requirement.specifier.contains(locked[name])


def test_the_lock_is_complete(locked, overrides):
    """Each package has what it declares, as far as this environment has the locked version."""
    missing, checked = set(), 0
    for name, version in locked.items():
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if Version(distribution.version) != Version(version):
            continue
        checked += 1
        for requirement in map(Requirement, distribution.requires or ()):
            needed = normalise(requirement.name)
            if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
                continue
            specifier = overrides.get(needed, requirement.specifier)
            if needed not in locked:
                missing.add(needed)
            else:
                assert specifier.contains(locked[needed], prereleases=True), (name, requirement)
    if not checked:
        pytest.skip("no package of the lock is installed in its version")
    assert missing <= {name for name, specifier in overrides.items() if specifier is None}


def test_changelog_and_citation_name_the_version():
    released = re.findall(
        r"^## \[(\d.*?)\] - (\d{4}-\d{2}-\d{2})$", (ROOT / "CHANGELOG.md").read_text(), re.M
    )
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert released[0] == (mmlle.__version__, str(citation["date-released"]))
    assert citation["version"] == mmlle.__version__


def normalise(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_setup_imports_the_standard_library_and_setuptools_only():
    tree = ast.parse((ROOT / "setup.py").read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    }
    assert imported <= {*sys.stdlib_module_names, "setuptools"}
