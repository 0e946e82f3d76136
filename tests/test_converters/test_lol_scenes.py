import numpy as np
import pytest
from PIL import Image

from mmlle.converters.lol_scenes import prepare_lol_scenes
from mmlle.datasets import MultiExposureDataset
from mmlle.datasets.low_light_synthesis import NoiseLevel, simulate_low_light
from mmlle.utils.errors import UserError

from .pictures import files_below, save_picture, smooth_picture

#: Scene and exposure of each pair; the numbers of the files have gaps, as LOL's do.
PAIRS = {2: (0, 0.1), 5: (0, 0.05), 9: (0, 0.02), 10: (1, 0.1), 12: (2, 0.1), 100: (2, 0.03)}


@pytest.fixture
def source(tmp_path):
    root = tmp_path / "LOLdataset"
    noise = NoiseLevel(1e-4, 1e-6)
    for number, (scene, exposure) in PAIRS.items():
        rng = np.random.default_rng(number)
        bright = smooth_picture(scene + 40, 96, 64)
        for side, light in (("low", exposure), ("high", 0.9)):
            path = root / "our485" / side / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(simulate_low_light(bright, light, rng, noise)).save(path)
    for number in (1, 22):  # of one scene, and test images all the same
        for side in ("low", "high"):
            save_picture(root / "eval15" / side / f"{number}.png", seed=7)
    return root


@pytest.mark.parametrize("packed", [False, True])
def test_the_low_images_of_scenes_with_several_exposures_are_sorted(tmp_path, source, zip_folder, packed):
    out = tmp_path / "data/LOL_scenes"
    report = prepare_lol_scenes(zip_folder(source) if packed else source, out)
    assert report == "2 scenes with 5 exposures; 1 images are alone"
    assert files_below(out) == {"001/2.png", "001/5.png", "001/9.png", "002/12.png", "002/100.png"}
    for name in files_below(out):
        number = name.partition("/")[2]
        assert (out / name).read_bytes() == (source / "our485/low" / number).read_bytes()
    dataset = MultiExposureDataset(out)
    assert [sample["key"] for sample in dataset] == ["001", "002"]


def test_links(tmp_path, source):
    prepare_lol_scenes(source, tmp_path / "scenes", link=True)
    assert (tmp_path / "scenes/001/2.png").resolve() == (source / "our485/low/2.png").resolve()


def test_broken_and_unpaired_images_are_left_out(tmp_path, source):
    (source / "our485/low/5.png").write_bytes(b"no image")
    (source / "our485/high/100.png").unlink()
    report = prepare_lol_scenes(source, tmp_path / "scenes")
    assert report == (
        "1 scenes with 2 exposures; 2 images are alone\n5.png: cannot be decoded (not an image)"
    )
    assert files_below(tmp_path / "scenes") == {"001/2.png", "001/9.png"}


def test_a_set_of_single_images_is_refused(tmp_path, source):
    for number in (5, 9, 100):
        (source / f"our485/high/{number}.png").unlink()
    with pytest.raises(UserError, match="None of the 3 pairs"):
        prepare_lol_scenes(source, tmp_path / "data/scenes")
    assert not (tmp_path / "data").exists()
