import numpy as np
import pytest

from mmlle.registry import TRANSFORMS
from mmlle.testing import dark_image


def build(**options):
    return TRANSFORMS.build(dict(type="RandomDarken", **options))


def ratios(transform, count=400):
    np.random.seed(0)
    image = np.full((2, 2, 3), 100, np.uint8)
    return np.array([100 / transform(dict(img=image))["darkened"][0, 0, 0] for _ in range(count)])


def test_half_of_the_images_are_divided_by_two_to_four():
    drawn = ratios(build())
    darkened = drawn[drawn > 1]
    assert 160 < len(darkened) < 240
    assert 2 <= darkened.min() < 2.05
    assert 3.95 < darkened.max() <= 4


@pytest.mark.parametrize(("probability", "count"), [(0, 0), (1, 400)])
def test_the_probability_and_the_factors_are_options(probability, count):
    drawn = ratios(build(probability=probability, factors=(5, 6)))
    assert ((drawn >= 5) & (drawn <= 6)).sum() == count


def test_nothing_is_rounded_and_the_image_is_left_as_it_is():
    image = dark_image(4, 5)
    results = build(probability=1, factors=(3, 3), to="input")(dict(img=image.copy()))
    assert np.array_equal(results["img"], image)
    assert results["input"].dtype == np.float32
    np.testing.assert_allclose(results["input"], image / 3, rtol=1e-6)


def test_the_seed_decides():
    image = dark_image(4, 5)
    drawn = []
    for seed in (1, 1, 2):
        np.random.seed(seed)
        drawn.append([build()(dict(img=image))["darkened"].mean() for _ in range(5)])
    assert drawn[0] == drawn[1] != drawn[2]


def test_it_says_what_it_does():
    assert "RandomDarken(key='img', to='darkened', probability=0.5, factors=(2.0, 4.0))" in repr(build())
