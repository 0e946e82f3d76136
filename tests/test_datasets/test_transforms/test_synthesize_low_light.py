import numpy as np
import pytest
from mmengine.registry import DefaultScope

from mmlle.datasets import SynthesizeLowLight
from mmlle.media.color import srgb_to_linear
from mmlle.registry import TRANSFORMS

BRIGHT = np.full((64, 64, 3), 180, np.uint8)


def light(image):
    return srgb_to_linear(image / 255).mean() / srgb_to_linear(180 / 255)


def test_the_light_is_within_the_range_and_different_for_each_image():
    transform = SynthesizeLowLight(["img", "img2"], exposure=(0.05, 0.4))
    np.random.seed(0)
    factors = []
    for _ in range(30):
        results = transform(dict(img=BRIGHT, img2=BRIGHT, other=BRIGHT))
        assert results["other"] is BRIGHT
        assert results["img"].dtype == np.uint8
        factors += [light(results["img"]), light(results["img2"])]
    assert min(factors) == pytest.approx(0.05, rel=0.3)
    assert max(factors) == pytest.approx(0.4, rel=0.3)
    # Uniform in the logarithm: the median is the geometric mean.
    assert np.median(factors) == pytest.approx((0.05 * 0.4) ** 0.5, rel=0.35)
    assert len({round(factor, 4) for factor in factors}) == len(factors)


def test_more_shot_noise_is_more_noise():
    quiet, loud = (
        SynthesizeLowLight(["img"], exposure=(0.2, 0.2), shot_noise=(level, level)) for level in (1e-5, 1e-2)
    )
    assert loud(dict(img=BRIGHT))["img"].std() > 5 * quiet(dict(img=BRIGHT))["img"].std()


def test_read_noise_of_its_own_is_noise_in_the_dark():
    black = np.full((64, 64, 3), 2, np.uint8)
    raw, processed = (
        SynthesizeLowLight(["img"], exposure=(0.5, 0.5), shot_noise=(1e-5, 1e-5), read_noise=read)
        for read in (None, (1e-6, 1e-6))
    )
    assert raw(dict(img=black))["img"].std() < 0.5
    assert 1 < processed(dict(img=black))["img"].std() < 4
    with pytest.raises(ValueError, match="read_noise"):
        SynthesizeLowLight(["img"], exposure=(0.5, 0.5), read_noise=(0, 1e-6))


def test_its_probability_is_for_all_images_together():
    transform = SynthesizeLowLight(["img", "img2"], exposure=(0.1, 0.1), prob=0.5)
    np.random.seed(0)
    outcomes = []
    for _ in range(60):
        results = transform(dict(img=BRIGHT, img2=BRIGHT))
        outcomes.append((results["img"].mean() < 150, results["img2"].mean() < 150))
    assert set(outcomes) == {(False, False), (True, True)}
    assert 15 < sum(first for first, _ in outcomes) < 45


def test_it_is_drawn_from_numpys_state_that_the_data_set_seeds():
    transform = SynthesizeLowLight(["img"], exposure=(0.05, 0.4))
    images = []
    for _ in range(2):
        np.random.seed(3)
        images.append(transform(dict(img=BRIGHT))["img"])
    assert np.array_equal(*images)


@pytest.mark.parametrize("exposure", [(0, 0.5), (0.5, 0.1), (-1, 1)])
def test_a_range_that_is_none_is_refused(exposure):
    with pytest.raises(ValueError, match="exposure.*above 0"):
        SynthesizeLowLight(["img"], exposure=exposure)


def test_it_is_registered():
    with DefaultScope.overwrite_default_scope("mmlle"):
        transform = TRANSFORMS.build(dict(type="SynthesizeLowLight", keys=["img"], exposure=(0.1, 0.2)))
    assert repr(transform).startswith("SynthesizeLowLight(keys=['img'], exposure=(0.1, 0.2)")
