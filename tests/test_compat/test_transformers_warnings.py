import subprocess
import sys

IMPORT = "import transformers.utils.generic"


def stderr_of(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stderr


def test_without_the_repair_the_import_warns():
    assert "FutureWarning" in stderr_of(IMPORT)


def test_with_the_repair_it_is_silent_and_others_still_warn():
    printed = stderr_of(f"import mmlle; {IMPORT}; import warnings; warnings.warn('of mine', FutureWarning)")
    assert "pytree" not in printed
    assert "of mine" in printed
