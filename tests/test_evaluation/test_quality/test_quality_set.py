import numpy as np
import pytest

from mmlle.evaluation.quality import QUALITY_SETS, Photograph
from mmlle.media.image_io import write_image
from mmlle.utils.errors import UserError

DARK, BRIGHT = (np.full((12, 16, 3), value, np.uint8) for value in (20, 100))


def test_pairs_have_their_ground_truth_as_reference(tmp_path):
    write_image(tmp_path / "B/low/one.png", DARK)
    write_image(tmp_path / "B/high/one.png", BRIGHT)
    (photograph,) = QUALITY_SETS["B"].photographs(tmp_path)
    assert photograph.name == "one"
    assert np.array_equal(photograph.image, DARK)
    assert np.array_equal(photograph.reference, BRIGHT)


def test_without_ground_truth_the_reference_is_the_input(tmp_path):
    write_image(tmp_path / "C/two.png", DARK)
    (photograph,) = QUALITY_SETS["C"].photographs(tmp_path)
    assert photograph.reference is photograph.image


def test_a_missing_set_names_the_command_that_makes_it(tmp_path):
    with pytest.raises(UserError, match=r"no photographs in .*D .*prepare_quality_sets\.py"):
        next(QUALITY_SETS["D"].photographs(tmp_path))


def test_values_by_measure(tmp_path):
    write_image(tmp_path / "D/a.png", BRIGHT + 20)
    write_image(tmp_path / "D/b.png", DARK)
    first, second = QUALITY_SETS["D"].photographs(tmp_path)
    # An error of 5: 20 log10(255 / 5)
    expected = {
        "identity dB": pytest.approx(34.151, abs=1e-3),
        "bright part dB": pytest.approx(34.151, abs=1e-3),
    }
    assert QUALITY_SETS["D"].measure(first, BRIGHT + 25) == expected
    assert QUALITY_SETS["D"].measure(second, DARK) == {"identity dB": 120, "bright part dB": None}


@pytest.mark.parametrize("quality_set", QUALITY_SETS.values(), ids=QUALITY_SETS)
def test_every_measure_has_a_value_and_its_digits(quality_set):
    # Shadows, colours and highlights.
    image = np.random.default_rng(0).integers(0, 256, (96, 192, 3), dtype=np.uint8)
    image[:32] //= 8
    image[32:48] = 180
    values = quality_set.measure(Photograph("one", image, image), np.minimum(image, 250))
    assert all(np.isfinite(list(values.values())))
    assert values.keys() == quality_set.digits.keys()


def test_a_photograph_that_a_measure_is_not_defined_for():
    image = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    values = QUALITY_SETS["C"].measure(Photograph("small", image, image), image)
    assert values["NIQE"] is None
    assert values["LOE"] == 0


def test_one_measure_more():
    quality_set = QUALITY_SETS["A"].with_measure("mean", lambda truth, image: float(image.mean()), 1)
    values = quality_set.measure(Photograph("one", DARK, BRIGHT), DARK)
    assert values["mean"] == 20
    assert list(values) == [*QUALITY_SETS["A"].measures, "mean"]
    assert quality_set.digits["mean"] == 1
