import numpy as np
import pytest
from PIL import Image

from mmlle.converters import sice as module
from mmlle.converters.sice import prepare_sice
from mmlle.datasets.low_light_synthesis import simulate_low_light
from mmlle.utils.errors import UserError

from .pictures import files_below, save_picture, smooth_picture

WHOLE = {"1/1.jpg", "1/2.jpg", "1/10.jpg", "2/1.jpg", "2/2.jpg", "3/1.jpg", "3/2.jpg"}


@pytest.fixture(autouse=True)
def _three_scenes(monkeypatch):
    monkeypatch.setattr(module, "EXPECTED_SCENES", 3)


@pytest.fixture
def nested(tmp_path):
    root = tmp_path / "src" / "Dataset_Part1"
    for i, name in enumerate(sorted(WHOLE)):
        save_picture(root / name.replace(".jpg", ".JPG"), seed=i, width=30, height=20)
    save_picture(root / "Label" / "1.JPG")
    return root.parent


@pytest.fixture
def flat(nested, tmp_path):
    folder = tmp_path / "flat"
    folder.mkdir()
    for path in nested.glob("*/[0-9]*/*.JPG"):
        path.rename(folder / f"{path.parent.name}_{path.stem}.JPG")
    return folder


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("layout", ["nested", "flat"])
def test_whole_set_lands_in_the_layout_without_labels(tmp_path, request, zip_folder, layout, packed):
    src = request.getfixturevalue(layout)
    contents = sorted(path.read_bytes() for path in src.rglob("[0-9]*.JPG")
                      if path.parent.name != "Label")  # fmt: skip
    out = tmp_path / "data" / "SICE"
    report = prepare_sice(zip_folder(src) if packed else src, out)
    assert report == "3 scenes with 7 exposures, 3 scenes expected"
    assert files_below(out) == WHOLE
    assert sorted(path.read_bytes() for path in out.rglob("*.jpg")) == contents


def test_size_resizes_as_zero_dce_does(tmp_path, nested):
    prepare_sice(nested, tmp_path / "SICE", size=16)
    made = np.asarray(Image.open(tmp_path / "SICE/2/1.jpg")).astype(int)
    source = Image.open(nested / "Dataset_Part1/2/1.JPG")
    expected = np.asarray(source.resize((16, 16), Image.Resampling.LANCZOS)).astype(int)
    assert made.shape == (16, 16, 3)
    assert np.abs(made - expected).mean() < 2  # JPEG at quality 95


def test_size_turns_photographs_upright(tmp_path, nested):
    path = nested / "Dataset_Part1/2/1.JPG"
    stored = Image.fromarray(smooth_picture(9, 20, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side: turn clockwise to show
    stored.save(path, exif=exif, quality=95)
    prepare_sice(nested, tmp_path / "SICE", size=16)
    made = np.asarray(Image.open(tmp_path / "SICE/2/1.jpg")).astype(int)
    turned = stored.transpose(Image.Transpose.ROTATE_270).resize((16, 16))
    assert np.abs(made - np.asarray(turned).astype(int)).mean() < 8
    assert np.abs(made - np.asarray(stored.resize((16, 16))).astype(int)).mean() > 20


def test_link(tmp_path, nested, zip_folder):
    prepare_sice(nested, tmp_path / "SICE", link=True)
    link = tmp_path / "SICE/1/10.jpg"
    assert link.is_symlink()
    assert link.resolve() == (nested / "Dataset_Part1/1/10.JPG").resolve()
    with pytest.raises(UserError, match="leave out --link or --size"):
        prepare_sice(nested, tmp_path / "other", link=True, size=8)
    with pytest.raises(UserError, match="--link needs a folder"):
        prepare_sice(zip_folder(nested), tmp_path / "other", link=True)


@pytest.fixture
def damaged(nested):
    root = nested / "Dataset_Part1"
    (root / "1/2.JPG").write_bytes(b"<html>")
    (root / "2/2.JPG").unlink()
    for path in (root / "3").iterdir():
        path.unlink()
    return nested


def test_every_fault_is_named_and_nothing_is_written(tmp_path, damaged):
    before = files_below(tmp_path)
    with pytest.raises(UserError) as caught:
        prepare_sice(damaged, tmp_path / "data" / "SICE")
    message = str(caught.value)
    assert "2 scenes with 3 exposures, 3 scenes expected" in message
    assert "Dataset_Part1/1/2.JPG: cannot be decoded (not an image)" in message
    assert "missing scenes: 3" in message
    assert "scenes with a single exposure: 2" in message
    assert files_below(tmp_path) == before
    assert not (tmp_path / "data").exists()


def test_allow_incomplete_goes_on_and_says_so(tmp_path, damaged):
    report = prepare_sice(damaged, tmp_path / "SICE", allow_incomplete=True)
    assert "missing scenes: 3" in report
    assert report.endswith("incomplete: only the exposures that can be decoded were taken")
    assert files_below(tmp_path / "SICE") == {"1/1.jpg", "1/10.jpg", "2/1.jpg"}


def test_a_scene_without_a_single_good_frame_leaves_no_folder(tmp_path, nested):
    for path in (nested / "Dataset_Part1/3").iterdir():
        path.write_bytes(b"")
    report = prepare_sice(nested, tmp_path / "SICE", allow_incomplete=True)
    assert "2 scenes with 5 exposures" in report
    assert not (tmp_path / "SICE/3").exists()


def test_part_1_and_part_2_together_are_refused(tmp_path, nested):
    save_picture(nested / "Dataset_Part2/1/1.JPG")
    with pytest.raises(UserError, match="exposure 1 of scene 1 twice: .*Part1.*Part2"):
        prepare_sice(nested, tmp_path / "SICE")


def test_a_stray_image_beside_the_scenes_is_refused(tmp_path, nested):
    save_picture(nested / "preview.png")
    with pytest.raises(UserError, match="holds preview.png beside the folders"):
        prepare_sice(nested, tmp_path / "SICE")


def test_only_labels_or_nothing_is_refused(tmp_path):
    save_picture(tmp_path / "src/Label/1.JPG")
    with pytest.raises(UserError, match="found 1 images in all, labels included"):
        prepare_sice(tmp_path / "src", tmp_path / "SICE")


@pytest.fixture
def numbered(tmp_path):
    """Three scenes in 7 frames, numbered through, with their exposures in any order."""
    folder = tmp_path / "train_data"
    folder.mkdir()
    rng = np.random.default_rng(0)
    ladder = [(0, 0.05), (0, 0.3), (0, 2.0), (1, 1.0), (1, 0.1), (2, 0.2), (2, 0.6)]
    for number, (scene, exposure) in enumerate(ladder, 1):
        frame = simulate_low_light(smooth_picture(scene + 20, 96, 64), exposure, rng)
        Image.fromarray(frame).save(folder / f"{number:04d}.jpg", quality=95)
    return folder


def test_numbered_frames_need_a_decision_by_the_user(tmp_path, numbered):
    with pytest.raises(UserError, match="7 images in one folder.*--recover-scenes"):
        prepare_sice(numbered, tmp_path / "SICE")


def test_recover_scenes_tells_them_by_content(tmp_path, numbered, monkeypatch):
    with pytest.raises(UserError, match="3 scenes.*7 exposures.*2002"):
        prepare_sice(numbered, tmp_path / "SICE", recover_scenes=True)
    monkeypatch.setattr(module, "EXPECTED_NUMBERED_FRAMES", 7)
    prepare_sice(numbered, tmp_path / "SICE", recover_scenes=True)
    assert files_below(tmp_path / "SICE") == {
        "001/0001.jpg", "001/0002.jpg", "001/0003.jpg", "002/0004.jpg", "002/0005.jpg",
        "003/0006.jpg", "003/0007.jpg",
    }  # fmt: skip


def test_recover_scenes_names_a_broken_frame(tmp_path, numbered):
    (numbered / "0002.jpg").write_bytes(b"no image")
    report = prepare_sice(numbered, tmp_path / "SICE", recover_scenes=True, allow_incomplete=True)
    assert "3 scenes with 6 exposures" in report
    assert "0002.jpg: cannot be decoded (not an image)" in report
