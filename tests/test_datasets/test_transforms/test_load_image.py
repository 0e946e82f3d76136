import numpy as np
import pytest

from mmlle.datasets import LoadImage
from mmlle.media.image_io import UnreadableImageError, write_image
from mmlle.registry import TRANSFORMS
from mmlle.testing import dark_image, write_images


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
    assert repr(LoadImage("gt", cache_dir="cache")) == "LoadImage(key='gt', cache_dir='cache')"


def test_images_are_kept_decoded_if_asked_for(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    write_image(path, dark_image(5, 6))
    cached = LoadImage(cache_dir=str(tmp_path / "cache"))
    first = cached(dict(img_path=str(path)))["img"]
    first[:] = 0  # as a transform that works in place does
    with monkeypatch.context() as patch:
        patch.setattr("mmlle.datasets.decoded_image_cache.read_image", None)
        assert np.array_equal(cached(dict(img_path=str(path)))["img"], dark_image(5, 6))
    write_image(path, dark_image(7, 6, seed=1))
    assert np.array_equal(cached(dict(img_path=str(path)))["img"], dark_image(7, 6, seed=1))
