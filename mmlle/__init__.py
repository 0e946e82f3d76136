"""MMLLE: low-light image enhancement and EnhanceNet super-resolution for OpenMMLab.

Importing it takes next to no time: the repairs of :mod:`mmlle.compat` act once MMEngine and NumPy are
imported, and the versions of the OpenMMLab packages are checked where they are needed, by
:mod:`mmlle.registry`. What runs an exported file needs none of them.
"""

from .compat import apply_repairs
from .version import __version__

__all__ = ["__version__", "check_versions"]

#: Each needed package: the distributions that provide it, the supported versions, and how to
#: install it. The windows hold the minor releases that were tested, and patches of them. MMEngine
#: 0.10.0 cannot be imported beside torch 2.11 (both bring an Adafactor), and 0.11 loads checkpoints
#: with the code that is in them; MMagic and MMSegmentation themselves refuse mmcv 2.2. MMagic's own
#: list of needs takes a diffusers that it cannot import (see requirements/mminstall.txt): hence
#: ``--no-deps``.
_NEEDS = (
    (("mmengine",), ">=0.10.7,<0.11", "pip install"),
    (("mmcv-lite", "mmcv"), ">=2.1.0,<2.2", "pip install"),
    (("mmagic",), ">=1.2.0,<1.3", "pip install --no-deps"),
    (("mmsegmentation",), ">=1.2.2,<1.3", "pip install --no-deps"),
)


def _installed(distributions: tuple[str, ...]) -> dict[str, str]:
    """Versions of those of the distributions that are installed, by name."""
    from importlib import metadata

    found = {}
    for name in distributions:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def check_versions() -> None:
    """Compare the installed OpenMMLab packages with the versions that this package works with.

    Raises:
        ImportError: If a package is missing, or its version is outside its window.
    """
    from packaging.specifiers import SpecifierSet

    problems = []
    for distributions, window, command in _NEEDS:
        found = _installed(distributions)
        wrong = [
            name
            for name, version in found.items()
            if not SpecifierSet(window).contains(version, prereleases=True)
        ]
        if found and not wrong:
            continue
        what = " and ".join(f"{name} {version}" for name, version in found.items()) or "none"
        target = wrong[0] if wrong else distributions[0]
        problems.append(
            f"  {' or '.join(distributions)} {window} is needed, {what} is installed."
            f' Run: {command} "{target}{window}"'
        )
    if problems:
        raise ImportError(
            f"mmlle {__version__} cannot work with the installed OpenMMLab packages:\n"
            + "\n".join(problems)
            + "\nIn a checkout, tools/setup_env.sh installs a whole set of versions instead."
        )


apply_repairs()
