import subprocess
import sys

IMPORT = "import transformers.utils.generic"


def stderr_of(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stderr


def test_the_import_warns_as_without_the_package():
    assert "FutureWarning" in stderr_of(f"import mmlle.registry; {IMPORT}")


def test_in_a_command_it_is_silent_and_others_still_warn():
    command = f"def command(): {IMPORT}; import warnings; warnings.warn('of mine', FutureWarning)"
    printed = stderr_of(f"from mmlle.cli.command import run\n{command}\nrun(command)")
    assert "pytree" not in printed
    assert "of mine" in printed
