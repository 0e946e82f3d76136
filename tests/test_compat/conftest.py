import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run_python(tmp_path):
    """Run code in a fresh interpreter, in an empty folder, with the checkout on its path.

    The fresh interpreter is what shows a fault: this one has imported mmlle, hence its repairs.
    """

    def run(
        code: str, *arguments: str, path: tuple[Path, ...] = (ROOT,), **environment: str
    ) -> subprocess.CompletedProcess:
        inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        # The checkout itself stays out when another copy of it is to be imported.
        inherited = [p for p in inherited if p and Path(p).resolve() != ROOT]
        env = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join([*map(str, path), *inherited]),
            **environment,
        }
        return subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, *arguments],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=600,  # ends what hangs alone: a busy machine takes minutes to import all of MMagic
        )

    return run
