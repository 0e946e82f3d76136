import numpy as np
import pytest

from mmlle.datasets import LoadImage
from mmlle.registry import TRANSFORMS
from mmlle.testing import dark_image, write_images
from mmlle.utils.image_io import UnreadableImageError, write_image


@pytest.mark.parametrize("key", ["img", "gt"])
def test_the_image_at_the_path_is_put_under_the_key(tmp_path, key):
    write_images(tmp_path, ["x.png"], size=(4, 7))
    transform = TRANSFORMS.build(dict(type="LoadImage", key=key))
    path = str(tmp_path / "x.png")
    results = transform({f"{key}_path": path, "key": "x"})
    assert set(results) == {f"{key}_path", "key", key}
    assert (results[key] == dark_image(4, 7)).all()


def test_without_the_path_nothing_happens():
    assert LoadImage("gt")({"img_path": "x.png"}) == {"img_path": "x.png"}


def test_an_unreadable_file_is_an_error(tmp_path):
    with pytest.raises(UnreadableImageError, match=r"gone\.png"):
        LoadImage()({"img_path": str(tmp_path / "gone.png")})


def test_its_representation_tells_the_options():
    assert repr(LoadImage("gt", keep=True)) == "LoadImage(key='gt', keep=True)"


def test_images_are_kept_if_asked_for(tmp_path):
    path = tmp_path / "a.png"
    write_image(path, dark_image(5, 6))
    keeping, reading = LoadImage(keep=True), LoadImage()
    first = keeping(dict(img_path=str(path)))["img"]
    write_image(path, dark_image(5, 6, seed=1))
    first[:] = 0  # as a transform that works in place does
    assert np.array_equal(keeping(dict(img_path=str(path)))["img"], dark_image(5, 6))
    assert np.array_equal(reading(dict(img_path=str(path)))["img"], dark_image(5, 6, seed=1))
