import pytest

from mmlle.datasets import LoadImage
from mmlle.registry import TRANSFORMS
from mmlle.testing import dark_image, write_images
from mmlle.utils.image_io import UnreadableImageError


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


def test_its_representation_tells_the_key():
    assert repr(LoadImage("gt")) == "LoadImage(key='gt')"
