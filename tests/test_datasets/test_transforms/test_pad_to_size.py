import numpy as np
import pytest

from mmlle.registry import TRANSFORMS
from mmlle.testing import dark_image


def pad(size, *images):
    keys = [f"img{i}" for i in range(len(images))]
    results = TRANSFORMS.build(dict(type="PadToSize", keys=keys, size=size))(
        dict(zip(keys, images, strict=True))
    )
    return [results[key] for key in keys]


def test_what_is_too_small_is_reflected_on_both_sides():
    image = dark_image(5, 8)
    (padded,) = pad((8, 8), image)
    assert padded.shape == (8, 8, 3)
    assert np.array_equal(padded[1:6], image)
    assert np.array_equal(padded[0], image[1])
    assert np.array_equal(padded[6:], image[[3, 2]])


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (3, 2)])
def test_very_small_images(size):
    (padded,) = pad((16, 16), dark_image(*size))
    assert padded.shape == (16, 16, 3)


def test_what_is_large_enough_is_left_as_it_is():
    image, other = dark_image(9, 20), dark_image(4, 30, seed=1)
    padded, padded_other = pad((6, 18), image, other)
    assert padded is image
    assert padded_other.shape == (6, 30, 3)
    assert padded.dtype == padded_other.dtype == np.uint8
