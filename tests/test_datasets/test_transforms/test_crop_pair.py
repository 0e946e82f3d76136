import numpy as np
import pytest

from mmlle.datasets import CropPair
from mmlle.testing import dark_image
from mmlle.utils.errors import ImageSizeError


def pair(height, width):
    """An image whose pixels say where they are, and its enlargement."""
    image = np.stack(
        [*np.meshgrid(range(height), range(width), indexing="ij"), np.zeros((height, width))], -1
    )
    image = image.astype(np.uint8)
    truth = image.repeat(4, axis=0).repeat(4, axis=1)
    return dict(img=image, gt=truth, img_path="a.png")


def test_both_are_cut_at_the_same_place():
    np.random.seed(0)
    corners = set()
    for _ in range(200):
        sample = CropPair(size=3)(pair(5, 6))
        assert sample["img"].shape == (3, 3, 3)
        assert np.array_equal(sample["gt"], sample["img"].repeat(4, axis=0).repeat(4, axis=1))
        corners.add(tuple(sample["img"][0, 0, :2]))
    assert corners == {(top, left) for top in range(3) for left in range(4)}


def test_another_scale():
    sample = dict(img=dark_image(6, 6), gt=dark_image(12, 12))
    assert CropPair(size=4, scale=2)(sample)["gt"].shape == (8, 8, 3)


@pytest.mark.parametrize("size", [(5, 9), (9, 5)])
def test_an_image_smaller_than_the_crop_is_named(size):
    with pytest.raises(ImageSizeError, match=rf"6x6.*a\.png.*{size[0]}x{size[1]}"):
        CropPair(size=6)(pair(*size))
