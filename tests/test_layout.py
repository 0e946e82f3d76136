"""The tests mirror the package: what a file does is tested in the file of its name."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: What is tested elsewhere, and where.
ELSEWHERE = {
    "apis/config_tables.py": "test_apis/test_config_check.py",
    "apis/runs.py": "test_cli/test_command.py",
    "apis/testing.py": "test_cli/test_test.py",
    "apis/training.py": "test_cli/test_train.py",
    **{
        f"media/{part}.py": "test_media/test_photograph_reading.py"
        for part in ("photograph_assembly", "pillow_reading", "tiff_reading")
    },
    # Tables; that of EnhanceNet, with an arithmetic of its own, has a test file of its own.
    **{
        f"models/editors/{method}/official_weights.py": "test_models/test_utils/test_official_weights.py"
        for method in ("enlightengan", "pairlie", "sgz", "zero_dce")
    },
    "utils/work_dir_lock.py": "test_engine/test_checkpoint_hook.py",
    "version.py": "test_packaging.py",
}


def sources():
    files = [path.relative_to(ROOT / "mmlle") for path in (ROOT / "mmlle").rglob("*.py")]
    return [path for path in files if not path.name.startswith("__") and ".mim" not in path.parts]


def test_each_source_file_has_a_test_file():
    assert len(sources()) > 100
    tests = {path: Path("tests", *[f"test_{part}" for part in path.parts]) for path in sources()}
    untested = {path.as_posix() for path, test in tests.items() if not (ROOT / test).is_file()}
    assert untested == set(ELSEWHERE), "give new files a test file; remove what has one from the list"


def test_what_is_tested_elsewhere_is():
    for source, test in ELSEWHERE.items():
        name = Path(source).stem
        assert name in (ROOT / "tests" / test).read_text(), f"tests/{test} does not mention {name}"
