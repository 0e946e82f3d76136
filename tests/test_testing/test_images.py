import numpy as np

from mmlle.media.image_io import list_images, read_image
from mmlle.testing import dark_image, write_images


def test_pictures_are_dark_and_depend_on_their_seed_alone():
    picture = dark_image(20, 30, seed=1)
    assert picture.shape == (20, 30, 3)
    assert picture.dtype == np.uint8
    assert picture.max() <= 80
    assert picture.std() > 0
    assert np.array_equal(picture, dark_image(20, 30, seed=1))
    assert not np.array_equal(picture, dark_image(20, 30, seed=2))


def test_each_file_is_another_picture(tmp_path):
    folder = write_images(tmp_path / "new", ["a.png", "sub/b.png"], size=(8, 9))
    assert list_images(folder) == ["a.png", "sub/b.png"]
    assert not np.array_equal(read_image(folder / "a.png"), read_image(folder / "sub/b.png"))
