"""Run MMEngine's own tests with mmlle imported and without, and compare the outcome.

    python tests/upstream/run_mmengine_tests.py path/to/mmengine

The checkout is MMEngine's source at the tag of the installed version; its tests need the package
``parameterized``. They run against the installed MMEngine, in copies of the checkout's ``tests``, which is
left as it is. Exit status 1 if a test that passes without mmlle does not pass with it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]

#: What mmlle repairs or wraps: config, checkpoint, hooks and runner.
TESTS = ("test_config", "test_hooks", "test_runner")

#: What a process that uses mmlle has imported; the registries import MMEngine's runner and torch.
IMPORTED = ("mmlle", "mmlle.registry")


def main() -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="checkout of MMEngine")
    parser.add_argument(
        "tests",
        nargs="*",
        default=TESTS,
        help=f"files and folders in its tests/ (default: {' '.join(TESTS)})",
    )
    parser.add_argument("--timeout", type=int, default=3600, help="seconds for each of the two runs")
    args = parser.parse_args()
    check_version(args.source)
    without = outcomes(args.source, args.tests, (), args.timeout)
    with_mmlle = outcomes(args.source, args.tests, IMPORTED, args.timeout)
    print(f"without mmlle: {summary(without)}\nwith mmlle:    {summary(with_mmlle)}")
    for line in differences(without, with_mmlle):
        print(line)
    broken = [name for name, state in without.items() if state == "passed" != with_mmlle.get(name)]
    return 1 if broken else 0


def check_version(source: Path) -> None:
    """Stop if a checkout is not of the installed MMEngine."""
    version_file = source / "mmengine/version.py"
    if not version_file.is_file():
        sys.exit(f"{source} is no checkout of MMEngine: there is no mmengine/version.py in it.")
    installed = metadata.version("mmengine")
    if f"'{installed}'" not in version_file.read_text():
        sys.exit(f"{source} is not MMEngine {installed}, which is installed. Run: git checkout v{installed}")


def outcomes(source: Path, tests: list[str], imported: tuple[str, ...], timeout: int) -> dict[str, str]:
    """Run tests in a process that has imported some modules first.

    Returns:
        ``passed``, ``failed``, ``error`` or ``skipped`` by the name of the test.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(source / "tests", Path(folder, "tests"))
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        for module in imported:
            command += ["-p", module]
        # Tests import siblings as `tests.…`; distributed ones find their modules by PYTHONPATH.
        paths = [folder, str(ROOT), os.environ.get("PYTHONPATH", "")]
        done = subprocess.run(
            [*command, *(f"tests/{name}" for name in tests)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            timeout=timeout,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if not report.is_file():
            sys.exit(f"pytest ended without a report:\n{done.stdout[-3000:]}")
        return read_report(report)


def read_report(report: Path) -> dict[str, str]:
    """Read the outcomes of tests from a JUnit report; a test with an error in its teardown counts as one."""
    states: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        kinds = {child.tag for child in case}
        state = next((kind for kind in ("error", "failure", "skipped") if kind in kinds), "passed")
        if states.get(name, "passed") == "passed":
            states[name] = "failed" if state == "failure" else state
    return states


def summary(states: dict[str, str]) -> str:
    """Count the outcomes: ``210 passed, 4 skipped``."""
    return ", ".join(f"{count} {state}" for state, count in sorted(Counter(states.values()).items()))


def differences(without: dict[str, str], with_mmlle: dict[str, str]) -> list[str]:
    """Describe each test whose outcome mmlle changes."""
    return [
        f"{name}: {without.get(name, 'not run')} without mmlle, {with_mmlle.get(name, 'not run')} with it"
        for name in sorted({*without, *with_mmlle})
        if without.get(name) != with_mmlle.get(name)
    ]


if __name__ == "__main__":
    sys.exit(main())
