import numpy as np
import pytest

from mmlle.media.color import srgb_to_linear
from mmlle.registry import TRANSFORMS
from mmlle.testing import dark_image


def light(image):
    return srgb_to_linear(image / 255).mean()


@pytest.mark.parametrize("darker", ["img", "img2"])
def test_the_brighter_image_gets_the_light_of_the_darker(darker):
    dark = dark_image(40, 50)
    bright = (dark.astype(int) * 2 + 20).clip(0, 255).astype(np.uint8)
    brighter = dict(img="img2", img2="img")[darker]
    transform = TRANSFORMS.build(dict(type="MatchExposure", keys=["img", "img2"]))
    results = transform({darker: dark, brighter: bright, "other": bright})
    assert results[darker] is dark
    assert results["other"] is bright
    assert results[brighter].dtype == np.uint8
    assert light(results[brighter]) == pytest.approx(light(dark), rel=0.03)
    assert light(bright) > 2 * light(dark)
    # One factor: what was brighter stays so.
    assert (np.diff(results[brighter].ravel()[np.argsort(bright.ravel())].astype(int)) >= 0).all()


def test_equal_exposures_and_black_stay():
    transform = TRANSFORMS.build(dict(type="MatchExposure", keys=["img", "img2"]))
    image = dark_image(8, 9)
    results = transform(dict(img=image, img2=image.copy()))
    assert np.array_equal(results["img"], image)
    assert np.array_equal(results["img2"], image)
    black = np.zeros((8, 9, 3), np.uint8)
    assert transform(dict(img=image, img2=black))["img"].max() == 0


def test_it_says_what_it_does():
    transform = TRANSFORMS.build(dict(type="MatchExposure", keys=["img", "img2"]))
    assert repr(transform) == "MatchExposure(keys=['img', 'img2'])"
