import hashlib

import numpy as np
import pytest
from PIL import Image, ImageFilter

from mmlle.converters import sample as module
from mmlle.converters.sample import EVAL_PHOTOGRAPHS, TRAIN_PHOTOGRAPHS, plan, prepare_sample, render
from mmlle.utils.errors import UserError

from .pictures import files_below

LUMA = np.array([0.299, 0.587, 0.114])


def pixels(path):
    return np.asarray(Image.open(path))


def luma(path):
    return float((pixels(path) @ LUMA).mean())


def digests(folder):
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files_below(folder)}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    out = tmp_path_factory.mktemp("data") / "sample"
    prepare_sample(out, seed=0)
    return out


def test_all_four_layouts_are_complete(sample):
    count = {
        folder: len(list((sample / folder).glob("*.png")))
        for folder in (
            "LOL/our485/low", "LOL/our485/high", "LOL/eval15/low", "LOL/eval15/high",
            "unpaired/low", "unpaired/normal", "SR/train", "SR/val",
        )
    }  # fmt: skip
    assert list(count.values()) == [32, 32, 5, 5, 12, 12, 12, 3]
    scenes = sorted((sample / "SICE").iterdir())
    assert len(scenes) == 8
    for scene in scenes:
        assert sorted(path.name for path in scene.iterdir()) == [f"{i}.png" for i in range(1, 6)]
    assert len(files_below(sample)) == sum(count.values()) + 8 * 5 + 1


def test_it_is_small(sample):
    assert sum(path.stat().st_size for path in sample.rglob("*.*")) < 12e6


def test_images_are_8_bit_rgb_and_evaluation_has_odd_sizes(sample):
    for path in sample.rglob("*.png"):
        image = Image.open(path)
        assert image.mode == "RGB"
        if "eval15" not in path.parts:
            assert image.size == (192, 192)
    sizes = {Image.open(path).size for path in (sample / "LOL/eval15/low").iterdir()}
    assert sizes == {(192, 192), (191, 145), (145, 191)}


@pytest.mark.parametrize("split", ["our485", "eval15"])
def test_low_images_are_as_dark_as_lol_and_show_what_the_truth_shows(sample, split):
    lows = sorted((sample / "LOL" / split / "low").iterdir())
    for low in lows:
        high = low.parents[1] / "high" / low.name
        assert 8 < luma(low) < 45 < luma(high)
        assert pixels(low).shape == pixels(high).shape
        smooth = [
            np.asarray(Image.open(p).convert("L").filter(ImageFilter.GaussianBlur(2))).ravel()
            for p in (low, high)
        ]
        assert np.corrcoef(*smooth)[0, 1] > 0.93
    assert 10 < np.median([luma(low) for low in lows]) < 35


def test_every_photograph_is_darkened_with_its_own_noise(sample):
    # Beyond what a smooth curve from high to low can explain there must be noise left.
    for low in sorted((sample / "LOL/our485/low").iterdir())[:6]:
        dark, bright = pixels(low)[..., 1], pixels(low.parents[1] / "high" / low.name)[..., 1]
        spread = [dark[bright == value].std() for value in range(256) if (bright == value).sum() > 50]
        assert np.median(spread) > 0.5


def test_exposures_of_a_scene_rise_with_their_name_and_share_the_content(sample):
    for scene in (sample / "SICE").iterdir():
        frames = sorted(scene.iterdir())
        brightness = [luma(frame) for frame in frames]
        assert brightness == sorted(brightness)
        assert brightness[0] < 0.25 * brightness[-1]
        darkest, brightest = (
            np.asarray(Image.open(f).convert("L").filter(ImageFilter.GaussianBlur(2))).ravel()
            for f in (frames[0], frames[-1])
        )
        assert np.corrcoef(darkest, brightest)[0, 1] > 0.9


def test_unpaired_images_show_different_places(sample):
    lows = [pixels(p).astype(float).ravel() for p in sorted((sample / "unpaired/low").iterdir())]
    for low, path in zip(lows, sorted((sample / "unpaired/normal").iterdir()), strict=True):
        assert np.corrcoef(low, pixels(path).ravel())[0, 1] < 0.9


def test_training_and_evaluation_use_different_photographs():
    assert not set(TRAIN_PHOTOGRAPHS) & set(EVAL_PHOTOGRAPHS)
    used = {"eval": set(), "train": set()}
    for crop in plan(192):
        for path in crop.files:
            held_out = path.startswith(("LOL/eval15", "SR/val"))
            used["eval" if held_out else "train"].add(crop.photograph)
    assert used == {"eval": set(EVAL_PHOTOGRAPHS), "train": set(TRAIN_PHOTOGRAPHS)}


def test_low_and_normal_of_the_unpaired_set_come_from_the_same_photographs():
    # A discriminator could otherwise tell the subjects and not the light.
    by_side = {"low": set(), "normal": set()}
    for crop in plan(192):
        for path in crop.files:
            if path.startswith("unpaired"):
                by_side[path.split("/")[1]].add(crop.photograph)
    assert by_side["low"] == by_side["normal"] == set(TRAIN_PHOTOGRAPHS)


def test_same_seed_same_bytes_and_another_seed_other_images(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        prepare_sample(tmp_path / name, seed=seed, size=48)
    first, again, other = (digests(tmp_path / name) for name in "abc")
    assert first == again
    assert first.keys() == other.keys()
    assert not set(first.values()) & set(other.values())


def test_an_image_does_not_depend_on_those_made_before_it(sample):
    crop = next(crop for crop in plan(192) if crop.low == "LOL/our485/low/17.png")
    for path, image in render(crop, seed=0):
        assert np.array_equal(image, pixels(sample / path))


def test_readme_names_sources_licences_and_parameters(sample):
    text = (sample / "README.txt").read_text()
    for photograph in TRAIN_PHOTOGRAPHS + EVAL_PHOTOGRAPHS:
        assert photograph in text
    for word in ("--seed 0 --size 192", "CC0", "public domain", "0.01667", "2.18"):
        assert word in text


def test_a_set_that_is_there_is_left_alone_and_made_again_on_demand(tmp_path):
    out = tmp_path / "sample"
    assert prepare_sample(out, size=48)[1]
    stamp = (out / "README.txt").stat().st_mtime_ns
    message, made = prepare_sample(out, size=48)
    assert not made
    assert "already" in message
    assert (out / "README.txt").stat().st_mtime_ns == stamp
    with pytest.raises(UserError, match="--overwrite"):
        prepare_sample(out, seed=1, size=48)
    (out / "SR/val/01.png").unlink()
    with pytest.raises(UserError, match="--overwrite"):
        prepare_sample(out, size=48)
    assert prepare_sample(out, size=48, overwrite=True)[1]
    assert (out / "SR/val/01.png").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"size": 47}, "48 to 256, got 47"), ({"size": 257}, "got 257"), ({"seed": -1}, "got -1")],
)
def test_options_out_of_range_are_refused(tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        prepare_sample(tmp_path / "sample", **options)
    assert files_below(tmp_path) == set()


def test_the_largest_size_fits_into_every_photograph():
    for crop in plan(256):
        for _, image in render(crop, seed=1):
            assert image.shape == (crop.height, crop.width, 3)


def test_a_missing_photograph_is_named_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "TRAIN_PHOTOGRAPHS", ("astronaut.png", "gone.png"))
    monkeypatch.setitem(module.LICENCES, "gone.png", "nobody")
    with pytest.raises(UserError, match=r"gone.png does not exist.*lock.txt"):
        prepare_sample(tmp_path / "sample", size=48)
    assert list(tmp_path.iterdir()) == []
