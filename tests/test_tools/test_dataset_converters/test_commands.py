"""The commands: their arguments reach the converters, and errors are messages."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mmlle.cli.errors import run
from mmlle.media.image_io import list_images, write_image

FOLDER = Path(__file__).parents[3] / "tools/dataset_converters"
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py"))
#: What comes before the options of a command whose source is not there.
SOURCES = dict(
    prepare_exposure_pairs=["nowhere", "001"],
    prepare_coco=["nowhere", "nowhere_else"],
    prepare_quality_sets=["--sice", "nowhere"],
    prepare_pairs=["LSRW", "nowhere"],
    prepare_fivek=["nowhere", "nowhere_else"],
    prepare_exdark=["nowhere", "nowhere.txt"],
)


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Run a script's main function in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(script, *arguments):
        spec = importlib.util.spec_from_file_location(script, FOLDER / f"{script}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        run(lambda: module.main(list(map(str, arguments))))

    return call


def grey(path, level, size=(40, 40)):
    write_image(path, np.full((*size, 3), level, np.uint8))


def test_all_scripts_are_there():
    assert [f"prepare_{name}" for name in (
        "coco", "exdark", "exposure_pairs", "fivek", "lol", "lol_scenes", "no_reference", "pairs",
        "quality_sets", "sample", "sice", "unpaired",
    )] == SCRIPTS  # fmt: skip


@pytest.mark.parametrize("script", [script for script in SCRIPTS if script != "prepare_sample"])
def test_a_missing_source_is_one_message_and_exit_status_1(command, script, tmp_path):
    with pytest.raises(SystemExit, match=r"^Error: .*nowhere.* does not exist") as caught:
        command(script, *SOURCES.get(script, ["nowhere"]))
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_unpaired(command, tmp_path, capsys):
    for level in (10, 20, 120, 200):
        grey(tmp_path / f"photographs/{level}.png", level)
    arguments = ["photographs", "--low", "5", "12", "--normal", "150", "255", "--link"]
    command("prepare_unpaired", *arguments)
    assert "low: 1 images of luma 5 to 12" in capsys.readouterr().out
    assert list_images("data/unpaired") == ["low/10.png", "normal/200.png"]
    assert Path("data/unpaired/low/10.png").is_symlink()
    with pytest.raises(SystemExit, match="^Error: data/unpaired.*--overwrite"):
        command("prepare_unpaired", *arguments)
    command("prepare_unpaired", *arguments, "--overwrite")


def test_lol(command, tmp_path, capsys):
    for split in ("our485", "eval15"):
        for side in ("low", "high"):
            grey(tmp_path / "LOLdataset" / split / side / "1.png", 50)
    with pytest.raises(SystemExit, match=r"(?s)^Error: .*LOLdataset.*22\.png"):
        command("prepare_lol", "LOLdataset")
    command("prepare_lol", "LOLdataset", "--allow-incomplete", "--out", "LOL")
    assert len(list_images("LOL")) == 4
    assert capsys.readouterr().out.endswith("LOL is in LOL\n")


def test_lol_scenes(command, tmp_path, capsys):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (40, 40, 3), np.uint8)
    for side in ("low", "high"):
        for number in (1, 2):
            write_image(tmp_path / f"data/LOL/our485/{side}/{number}.png", image // number)
    command("prepare_lol_scenes", "data/LOL", "--link")
    assert list_images("data/LOL_scenes") == ["001/1.png", "001/2.png"]
    assert "1 scenes with 2 exposures" in capsys.readouterr().out


def test_sice(command, tmp_path):
    for name in ("7/1.JPG", "7/2.JPG", "8/1.JPG"):
        grey(tmp_path / "Part1" / name, 50)
    command("prepare_sice", "Part1", "--size", "16", "--allow-incomplete")
    assert list_images("data/SICE") == ["7/1.jpg", "7/2.jpg", "8/1.jpg"]


def test_exposure_pairs(command, tmp_path, capsys):
    for name, level in (("1.png", 30), ("2.png", 115)):
        grey(tmp_path / "SICE/007" / name, level)
    command("prepare_exposure_pairs", "SICE", "007", "--side", "16")
    assert capsys.readouterr().out == "1 pairs in data/SICE_val\n"
    assert list_images("data/SICE_val") == ["high/007.png", "low/007.png"]


def test_coco(command, tmp_path):
    for split in ("train", "val"):
        grey(tmp_path / f"{split}2017/{7:012d}.jpg", 50, (400, 390))
    command("prepare_coco", "train2017", "val2017", "--allow-incomplete", "--out", "SR")
    assert list_images("SR") == [f"{split}/{7:012d}.png" for split in ("train", "val")]


def test_pairs(command, tmp_path, capsys):
    for side in ("Low", "Normal"):
        grey(tmp_path / f"LOL-v2/Real_captured/Test/{side}/{side.lower()}00690.png", 50)
    command("prepare_pairs", "LOL_v2", "LOL-v2", "--allow-incomplete")
    assert list_images("data/LOL_v2") == [f"real/test/{side}/00690.png" for side in ("high", "low")]
    assert capsys.readouterr().out.endswith("The pairs are in data/LOL_v2\n")


def test_no_reference(command, tmp_path, capsys):
    for number in range(10):
        grey(tmp_path / f"LIME/{number}.bmp", 50)
    command("prepare_no_reference", "LIME")
    assert len(list_images("data/LIME")) == 10
    assert "LIME: 10 photographs" in capsys.readouterr().out


def test_exdark(command, tmp_path):
    grey(tmp_path / "ExDark/Cup/2015_04524.jpg", 50)
    (tmp_path / "imageclasslist.txt").write_text("heading\n2015_04524.jpg 8 2 1 3\n")
    command("prepare_exdark", "ExDark", "imageclasslist.txt", "--allow-incomplete")
    assert list_images("data/ExDark") == ["test/Cup/2015_04524.jpg"]
    assert Path("data/ExDark/test.txt").read_text() == "Cup/2015_04524.jpg 7\n"


def test_fivek(command, tmp_path):
    for folder in ("input", "tiff16_c"):
        grey(tmp_path / folder / "a4999-Duggan_1.tif", 50)
    command("prepare_fivek", "input", "tiff16_c", "--side", "20", "--allow-incomplete")
    assert list_images("data/FiveK") == [f"test/{kind}/a4999.png" for kind in ("high", "low")]


def test_sample_twice(command, capsys):
    for said in ("153 images of seed 0 and size 48 are in data/sample", "is in data/sample already"):
        command("prepare_sample", "--size", "48")
        assert said in capsys.readouterr().out


def test_they_start_without_pytorch():
    """Which takes seconds to import, and is not needed to sort files."""
    slow = {"prepare_exposure_pairs", "prepare_quality_sets", "prepare_sample"}
    quick = [script for script in SCRIPTS if script not in slow]
    code = f"import sys; sys.path.insert(0, {str(FOLDER)!r}); import {', '.join(quick)}\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "sys.exit('torch' in sys.modules)"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_script_is_a_program(tmp_path):
    script = FOLDER / "prepare_lol.py"
    (tmp_path / "LOLdataset.zip").write_bytes(b"PK\x03\x04 and no more")
    done = subprocess.run(
        [sys.executable, script, "LOLdataset.zip"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert re.fullmatch(r"Error: LOLdataset\.zip .*\n", done.stderr)
