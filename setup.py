"""Builds mmlle. Nothing that the package needs at run time is imported here, torch least of all."""

import os
import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent

#: What MMEngine and MIM look for in the folder ``.mim`` of an installed package.
MIM_CONTENTS = ("configs", "tools", "model-index.yml")


def read_version() -> str:
    """Version of the package, read without importing it."""
    return re.search(r'__version__ = "(.+?)"', (ROOT / "mmlle/version.py").read_text())[1]


def read_requirements(name: str) -> list[str]:
    """Requirements of a file in requirements/, without comments."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    return [bare for line in lines if (bare := re.sub(r"(^|\s)#.*", "", line).strip())]


def read_readme() -> str:
    """The README, or nothing where there is none."""
    readme = ROOT / "README.md"
    return readme.read_text(encoding="utf-8") if readme.is_file() else ""


class BuildWithMim(build_py):
    """Adds ``mmlle/.mim``: copies for a wheel, links into the checkout for an editable install."""

    def run(self) -> None:
        """Build the modules, then the folder ``.mim``."""
        super().run()
        if self.editable_mode:
            self._link(ROOT / "mmlle" / ".mim")
        else:
            self._copy(self._mim_in_build)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """List the built files, those in ``.mim`` included."""
        outputs = super().get_outputs(include_bytecode)
        if self.editable_mode:
            return outputs
        return outputs + [str(path) for path in self._mim_in_build.rglob("*") if path.is_file()]

    @property
    def _mim_in_build(self) -> Path:
        return Path(self.build_lib) / "mmlle" / ".mim"

    def _copy(self, mim: Path) -> None:
        _remove(mim)  # a file that an earlier build put there may be gone from the checkout
        mim.mkdir(parents=True)
        for name in self._present():
            if (ROOT / name).is_dir():
                ignore = shutil.ignore_patterns("__pycache__", "*.py[cod]", ".*")
                shutil.copytree(ROOT / name, mim / name, ignore=ignore)
            else:
                shutil.copy2(ROOT / name, mim / name)

    def _link(self, mim: Path) -> None:
        _remove(mim)
        mim.mkdir()
        for name in self._present():
            # Relative, so that the checkout can be moved.
            (mim / name).symlink_to(os.path.relpath(ROOT / name, mim))

    @staticmethod
    def _present() -> list[str]:
        return [name for name in MIM_CONTENTS if (ROOT / name).exists()]


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


EXTRAS = {
    "app": read_requirements("app"),
    "heif": read_requirements("heif"),
    "mim": read_requirements("mminstall"),
    "onnx": read_requirements("onnx"),
    "openvino": read_requirements("openvino"),
    "optional": read_requirements("optional"),
    "raw": read_requirements("raw"),
    "release": read_requirements("release"),
    "tests": read_requirements("tests"),
    "video": read_requirements("video"),
}

setup(
    name="mmlle",
    version=read_version(),
    description="Low-light image enhancement and EnhanceNet super-resolution for OpenMMLab",
    long_description=read_readme(),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=[name for name in ("LICENSE", "NOTICE") if (ROOT / name).is_file()],
    python_requires=">=3.10",
    packages=find_packages(include=["mmlle", "mmlle.*"]),
    package_data={"mmlle": ["py.typed", "zoo/*"]},
    include_package_data=False,
    install_requires=read_requirements("runtime"),
    extras_require={
        **EXTRAS,
        "all": sorted({line for lines in EXTRAS.values() for line in lines}),
        # Not in "all": TensorFlow is large, and needed once.
        "convert": read_requirements("convert"),
    },
    entry_points={"console_scripts": ["mmlle = mmlle.cli.main:main"]},
    cmdclass={"build_py": BuildWithMim},
    zip_safe=False,
    classifiers=[
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Image Processing",
    ],
)
