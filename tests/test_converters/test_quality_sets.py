import numpy as np
import pytest

from mmlle.converters.quality_sets import prepare_quality_sets, reduced
from mmlle.media.color import mean_luma
from mmlle.media.image_io import read_image, write_image
from mmlle.utils.errors import UserError

from .pictures import files_below

# Mean luma about 115.
BRIGHT = np.random.default_rng(0).integers(60, 170, (40, 50, 3), dtype=np.uint8)


@pytest.fixture
def sources(tmp_path):
    """Scenes 3, 7, 8 and 11, of which 11 has no under-exposed frame, and a few of the others."""
    for scene in ("003", "007", "008", "011", "019"):
        write_image(tmp_path / "sice" / scene / "2.png", BRIGHT)
        write_image(tmp_path / "sice" / scene / "1.png", BRIGHT // (20 if scene == "011" else 3))
    for index in range(11):
        write_image(tmp_path / "bsds" / f"{index:02d}.png", BRIGHT)
    for kind in ("low", "high"):
        write_image(tmp_path / "lol" / kind / "1.png", BRIGHT)
    for name in ("01", "02"):
        write_image(tmp_path / "dicm" / f"{name}.png", BRIGHT // 2)
    write_image(tmp_path / "npe/night fall.png", BRIGHT // 2)
    return {name: tmp_path / name for name in ("sice", "bsds", "lol", "dicm", "npe")} | {"exclude": ["019"]}


def test_the_groups_share_no_photograph(sources, tmp_path):
    report = prepare_quality_sets(tmp_path / "out", side=20, **sources)
    assert report.startswith("selection: A 4, B 1, C 2, D 2; final: A 1, B 1, C 1, D 1 photographs")
    assert files_below(tmp_path / "out") == {
        *(
            f"selection/A/{kind}/{name}.png"
            for kind in ("low", "high")
            for name in ("sice_003", "sice_011", "bsds_00", "bsds_10")
        ),
        *(f"selection/B/{kind}/sice_003.png" for kind in ("low", "high")),
        "selection/C/npe_night_fall.png",
        "selection/C/dicm_02.png",
        "selection/D/sice_003.png",
        "selection/D/sice_011.png",
        *(f"final/A/{kind}/1.png" for kind in ("low", "high")),
        *(f"final/B/{kind}/sice_007.png" for kind in ("low", "high")),
        "final/C/dicm_01.png",
        "final/D/sice_007.png",
    }


def test_dark_photographs_are_dark_and_reduced_before(sources, tmp_path):
    prepare_quality_sets(tmp_path / "out", side=20, **sources)
    low, high = (read_image(tmp_path / f"out/selection/A/{kind}/sice_003.png") for kind in ("low", "high"))
    assert low.shape == high.shape == (16, 20, 3)
    assert 3 < mean_luma(low) < 27
    assert np.array_equal(high, reduced(BRIGHT, 20))
    assert read_image(tmp_path / "out/final/A/low/1.png").shape == BRIGHT.shape


def test_each_kind_has_its_range_of_brightness(sources, tmp_path):
    """Frames beside the ranges are not taken, and darkened ones are as dark as LOL's."""
    for number, levels in enumerate(((10, 42, 108, 112), (14, 71, 151), (16, 69, 109, 149))):
        for level in levels:
            image = BRIGHT.astype(float) * level / mean_luma(BRIGHT)
            write_image(
                sources["sice"] / f"{27 + 8 * number:03d}/{level}.png", image.round().astype(np.uint8)
            )
    prepare_quality_sets(tmp_path / "out", **sources)

    def lumas(kind):
        folder = tmp_path / "out/selection" / kind
        return {name: mean_luma(read_image(folder / name)) for name in files_below(folder)}

    assert lumas("D").keys() == lumas("B/high").keys() | {"sice_011.png"}
    assert all(110 <= luma <= 150 for luma in lumas("D").values())
    assert lumas("D")["sice_027.png"] == pytest.approx(112, abs=1)
    assert lumas("B/low") == {
        "sice_003.png": pytest.approx(mean_luma(BRIGHT // 3)),
        "sice_027.png": pytest.approx(42, abs=1),
        "sice_043.png": pytest.approx(16, abs=1),
    }
    assert len(lumas("A/low")) == 4 + 2
    assert all(5 - 0.5 <= luma <= 25 + 0.5 for luma in lumas("A/low").values())


def test_the_same_sources_give_the_same_files(sources, tmp_path):
    for name in ("one", "two"):
        prepare_quality_sets(tmp_path / name, side=20, **sources)
    for path in files_below(tmp_path / "one"):
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()


def test_a_missing_source_is_named(sources, tmp_path):
    with pytest.raises(UserError, match=r"gone does not exist or has no images"):
        prepare_quality_sets(tmp_path / "out", **sources | {"npe": tmp_path / "gone"})


def test_files_that_are_not_numbered(sources, tmp_path):
    write_image(sources["dicm"] / "night.png", BRIGHT)
    with pytest.raises(UserError, match=r"night\.png should be named by a number"):
        prepare_quality_sets(tmp_path / "out", **sources)
    assert not (tmp_path / "out").exists()
