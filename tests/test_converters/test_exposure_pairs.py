import numpy as np
import pytest

from mmlle.converters.exposure_pairs import exposure_for, prepare_exposure_pairs
from mmlle.datasets.low_light_synthesis import NoiseLevel, simulate_low_light
from mmlle.media.color import mean_luma
from mmlle.media.image_io import read_image, write_image
from mmlle.utils.errors import UserError

# Mean lumas near 115, 60 and 30.
BRIGHT = np.random.default_rng(0).integers(60, 170, (40, 50, 3), dtype=np.uint8)
FRAMES = {"1.png": BRIGHT // 4, "2.png": BRIGHT // 2, "3.png": BRIGHT, "4.png": BRIGHT // 20}


@pytest.fixture
def scenes(tmp_path):
    for scene in ("007", "008"):
        for name, frame in FRAMES.items():
            write_image(tmp_path / "SICE" / scene / name, frame)
    return tmp_path / "SICE"


def test_the_truth_is_the_well_exposed_frame_and_the_input_is_dark_and_noisy(scenes, tmp_path):
    out = tmp_path / "pairs"
    assert prepare_exposure_pairs(scenes, out, ["007", "008"], side=24) == f"2 pairs in {out}"
    low, high = (read_image(out / kind / "007.png") for kind in ("low", "high"))
    assert np.array_equal(high, BRIGHT[8:32, 13:37])
    assert low.shape == (24, 24, 3)
    assert 8 < mean_luma(low) < 27
    other = read_image(out / "low/008.png")
    assert not np.array_equal(low, other)  # its own exposure and noise


def test_the_same_scenes_give_the_same_files_whatever_others_are_made(scenes, tmp_path):
    prepare_exposure_pairs(scenes, tmp_path / "both", ["007", "008"], side=24)
    prepare_exposure_pairs(scenes, tmp_path / "one", ["008"], side=24)
    one, both = ((tmp_path / name / "low/008.png").read_bytes() for name in ("one", "both"))
    assert one == both


def test_scenes_without_suitable_frames_are_named(scenes, tmp_path):
    for name in ("1.png", "4.png"):
        (scenes / "008" / name).unlink()
    report = prepare_exposure_pairs(scenes, tmp_path / "pairs", ["007", "008", "009"], side=24)
    assert report.startswith("1 pairs in ")
    assert report.endswith("without suitable frames: 008, 009")


def test_no_suitable_scene_at_all(scenes, tmp_path):
    with pytest.raises(UserError, match="None of the 1 scenes"):
        prepare_exposure_pairs(scenes, tmp_path / "pairs", ["nothing"], side=24)
    assert not (tmp_path / "pairs").exists()


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere, does not exist .*prepare_sice\.py"):
        prepare_exposure_pairs(tmp_path / "nowhere", tmp_path / "pairs", ["007"], side=24)
    assert not (tmp_path / "pairs").exists()


def test_a_frame_that_cannot_be_read_is_named_and_nothing_is_written(scenes, tmp_path):
    (scenes / "008/2.png").write_bytes(b"no image")
    with pytest.raises(UserError, match=r"008/2\.png"):
        prepare_exposure_pairs(scenes, tmp_path / "pairs", ["007", "008"], side=24)
    assert not (tmp_path / "pairs").exists()


def test_what_is_there_is_not_replaced_without_being_asked(scenes, tmp_path):
    prepare_exposure_pairs(scenes, tmp_path / "pairs", ["007"], side=24)
    with pytest.raises(UserError, match="overwrite"):
        prepare_exposure_pairs(scenes, tmp_path / "pairs", ["007"], side=24)
    prepare_exposure_pairs(scenes, tmp_path / "pairs", ["007"], side=24, overwrite=True)


@pytest.mark.parametrize("luma", [12, 25, 60])
def test_the_exposure_gives_the_luma(luma):
    exposure = exposure_for(BRIGHT, luma)
    darker = simulate_low_light(BRIGHT, exposure, np.random.default_rng(0), NoiseLevel(0.0, 0.0))
    assert mean_luma(darker) == pytest.approx(luma, abs=0.5)


def test_an_image_is_never_made_brighter():
    assert exposure_for(BRIGHT // 20, 25) == 1
