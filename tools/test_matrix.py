"""Run tests with several releases of Python, PyTorch, NumPy and mmcv: ``python tools/test_matrix.py``.

Each row of the table in ``docs/compatibility.md`` is an environment of its own, which uv makes in a temporary
folder and which is removed after its run. The row is written as soon as the run has ended. ``--only 3.13``
runs the rows that begin so, ``--select`` other tests. PyTorch comes from the package index, as a build for
GPUs; with ``UV_TORCH_BACKEND=cpu`` from PyTorch's own, as one for CPUs.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"

#: The extras whose packages the chosen tests use.
EXTRAS = ("runtime", "mminstall", "heif", "onnx", "optional", "raw", "video")

#: Declared needs that are left out: those that the lock leaves out, and tokenizers, which Transformers 4.36
#: does without, and takes in no release that has files for Python 3.13.
OVERRIDES = [
    *(line for line in (REQUIREMENTS / "overrides.txt").read_text().splitlines() if "python_version" in line),
    'tokenizers>=0.14,<0.19 ; python_version < "3.13"',
]

#: What meets PyTorch, NumPy, the OpenMMLab packages and the decoders most closely.
SELECT = (
    "tests/test_apis/test_inferencer.py",
    "tests/test_cli/test_enhance.py",
    "tests/test_cli/test_test.py",
    "tests/test_cli/test_train.py",
    "tests/test_compat",
    "tests/test_configs.py",
    "tests/test_datasets/test_transforms",
    "tests/test_engine/test_checkpoint_hook.py",
    "tests/test_evaluation/test_functional",
    "tests/test_evaluation/test_metrics",
    "tests/test_media",
    "tests/test_models/test_editors",
    "tests/test_registry.py",
    "tests/test_utils/test_checkpoint_io.py",
    "tests/test_versions.py",
)

#: What is asked of each package, by the row's cells.
TORCH = {
    "2.6": ("torch==2.6.*", "torchvision==0.21.*"),
    "2.11": ("torch==2.11.*", "torchvision==0.26.*"),
    "newest": ("torch", "torchvision"),
}
NUMPY = {"1.26": "numpy==1.26.*", "2": "numpy>=2"}
MMCV = {"lite": "mmcv-lite", "full": "mmcv"}

#: Python, PyTorch, NumPy, mmcv.
ROWS = (
    ("3.10", "2.6", "1.26", "lite"),
    ("3.10", "newest", "2", "lite"),
    ("3.11", "2.6", "1.26", "lite"),
    ("3.11", "2.11", "1.26", "full"),
    ("3.11", "newest", "2", "lite"),
    ("3.12", "newest", "1.26", "lite"),
    ("3.12", "newest", "2", "lite"),
    ("3.13", "2.6", "2", "lite"),
    ("3.13", "newest", "2", "lite"),
)

HEADER = (
    "| Python | PyTorch | NumPy | mmcv | installed | result |",
    "| --- | --- | --- | --- | --- | --- |",
)
SHOWN = ("torch", "torchvision", "numpy", MMCV["lite"], MMCV["full"], "onnxruntime", "av", "pillow")
NOT_RUN = "not run"


def main(argv: list[str] | None = None) -> None:
    """Run the command; the exit status is 1 if a row's tests failed or its packages cannot be installed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--only", nargs="+", default=[""], metavar="ROW", help="such as 3.11 or 3.11-2.6-1.26"
    )
    parser.add_argument("--select", nargs="+", default=SELECT, metavar="TESTS", help="files and folders")
    parser.add_argument("--table", type=Path, default=ROOT / "docs/compatibility.md")
    parser.add_argument("--jobs", default="2", help="tests at a time [%(default)s]")
    args = parser.parse_args(argv)
    chosen = [row for row in ROWS if "-".join(row).startswith(tuple(args.only))]
    if not chosen:
        sys.exit(
            f"Error: no row begins with {' or '.join(args.only)}; there are {', '.join(map('-'.join, ROWS))}."
        )
    if shutil.which("uv") is None:
        sys.exit("Error: uv is not installed; run: pip install uv")
    good = True
    for row in chosen:
        print(f"== {'-'.join(row)}", flush=True)
        with tempfile.TemporaryDirectory(prefix="mmlle-matrix-") as folder:
            installed, result = try_row(row, Path(folder), args.select, args.jobs)
        good &= result.startswith("passed")
        print(f"{installed}: {result}", flush=True)
        write_row(args.table, row, installed, result)
    sys.exit(0 if good else 1)


def try_row(row: tuple[str, ...], folder: Path, select: list[str], jobs: str) -> tuple[str, str]:
    """Make the environment and run the tests in it.

    Returns:
        What was installed, and how it went.
    """
    python = folder / "venv/bin/python"
    problem = make_environment(row, folder)
    if problem is not None:
        return "–", f"cannot be installed: {problem}"
    listing = run("uv", "pip", "freeze", "--python", python).stdout
    versions = dict(line.split("==") for line in listing.splitlines() if "==" in line)
    installed = ", ".join(f"{name} {versions[name]}" for name in SHOWN if name in versions)
    options = ["-q", "-p", "no:cacheprovider", "-m", "not slow", "-n", jobs, "--dist", "loadfile"]
    # Compiled once for all the processes that tests start, and not beside the sources of the checkout.
    compiled = str(folder / "bytecode")
    environment = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONPYCACHEPREFIX": compiled}
    tests = run(python, "-m", "pytest", *options, *select, environment=environment)
    print(tests.stdout, flush=True)
    counts = re.findall(r"(\d+) (passed|failed|skipped|errors?)\b", tests.stdout.strip().rpartition("\n")[2])
    summary = ", ".join(f"{number} {what}" for number, what in counts) or "pytest gave no counts"
    return installed, f"{'passed' if tests.returncode == 0 else 'failed'}: {summary}"


def make_environment(row: tuple[str, ...], folder: Path) -> str | None:
    """Install what a row asks for; returns why it could not be done, None if it was."""
    version, torch, numpy, mmcv = row
    texts = [(REQUIREMENTS / f"{name}.txt").read_text() for name in EXTRAS]
    needs = {re.split(r"[^\w-]", line)[0]: line for line in "\n".join(texts).splitlines()}
    mmcv_need = needs.pop(MMCV["lite"]).partition("#")[0].replace(MMCV["lite"], MMCV[mmcv]).strip()
    pins = [
        *TORCH[torch],
        NUMPY[numpy],
        "opencv-python-headless<5",
        "setuptools<81",
        "pytest",
        "pytest-xdist",
    ]
    if mmcv == "lite":
        pins.append(mmcv_need)
    (folder / "needs.txt").write_text("\n".join([*needs.values(), *pins]))
    (folder / "overrides.txt").write_text("\n".join(OVERRIDES))
    venv = folder / "venv"
    install = ("uv", "pip", "install", "--no-config", "--quiet", "--python", venv)
    steps = [
        ("uv", "venv", "--no-config", "--quiet", "--python", version, venv),
        (*install, "--requirements", folder / "needs.txt", "--override", folder / "overrides.txt"),
    ]
    if mmcv == "full":  # compiled, against the PyTorch that is there
        steps.append((*install, "--no-build-isolation", "--no-deps", "--no-cache", mmcv_need))
    for step in steps:
        result = run(*step, environment={"MMCV_WITH_OPS": "1"})
        if result.returncode != 0:
            print(result.stdout, flush=True)
            return " ".join(result.stdout.split())[:200].replace("|", "/")
    return None


def run(*command: object, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command from the top of the checkout; its output is collected."""
    dropped = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if name not in dropped}
    return subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env={**inherited, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def write_row(table: Path, row: tuple[str, ...], installed: str, result: str) -> None:
    """Put a row into the table of a document; the others stay."""
    text = table.read_text(encoding="utf-8")
    match = re.search(rf"{re.escape(HEADER[0])}\n.*?(?=\n\n|\n?$)", text, re.S)
    if match is None:
        sys.exit(f"Error: {table} has no table that begins with {HEADER[0]!r}.")
    lines = {}
    for line in match[0].splitlines()[2:]:
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        lines[cells[:4]] = cells[4:]
    lines[row] = (installed, result)
    rows = [f"| {' | '.join([*key, *lines.get(key, ('–', NOT_RUN))])} |" for key in ROWS]
    table.write_text(
        text[: match.start()] + "\n".join([*HEADER, *rows]) + text[match.end() :], encoding="utf-8"
    )


if __name__ == "__main__":
    main()
