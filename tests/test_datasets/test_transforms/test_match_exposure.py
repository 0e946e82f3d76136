import numpy as np
import pytest

from mmlle.media.color import srgb_to_linear
from mmlle.registry import TRANSFORMS
from mmlle.testing import dark_image


def light(image):
    return srgb_to_linear(image / 255).mean()


def test_all_images_get_the_light_of_one_of_them():
    dark = dark_image(40, 50)
    bright = (dark.astype(int) * 2 + 20).clip(0, 255).astype(np.uint8)
    assert light(bright) > 2 * light(dark)
    transform = TRANSFORMS.build(dict(type="MatchExposure", keys=["img", "img2"]))
    np.random.seed(0)
    chosen = []
    for _ in range(20):
        results = transform(dict(img=dark, img2=bright, other=bright))
        assert results["other"] is bright
        assert results["img"].dtype == results["img2"].dtype == np.uint8
        assert light(results["img"]) == pytest.approx(light(results["img2"]), rel=0.05)
        reference = "img" if results["img"] is dark else "img2"
        assert results[reference] is dict(img=dark, img2=bright)[reference]
        # One factor: what was brighter stays so.
        other, before = (results["img2"], bright) if reference == "img" else (results["img"], dark)
        assert (np.diff(other.ravel()[np.argsort(before.ravel())].astype(int)) >= 0).all()
        chosen.append(reference)
    assert 5 <= chosen.count("img") <= 15


def test_equal_exposures_and_black_stay():
    transform = TRANSFORMS.build(dict(type="MatchExposure", keys=["img", "img2"]))
    image = dark_image(8, 9)
    results = transform(dict(img=image, img2=image.copy()))
    assert np.array_equal(results["img"], image)
    assert np.array_equal(results["img2"], image)
    black = np.zeros((8, 9, 3), np.uint8)
    for _ in range(10):
        assert transform(dict(img=image, img2=black))["img2"].max() == 0


def test_it_says_what_it_does():
    transform = TRANSFORMS.build(dict(type="MatchExposure", keys=["img", "img2"]))
    assert repr(transform) == "MatchExposure(keys=['img', 'img2'])"
