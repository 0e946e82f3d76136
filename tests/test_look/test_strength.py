import numpy as np
import pytest

from mmlle.look.strength import LEVELS, MAX_STRENGTH, STRENGTHS, choose_strength, largest_below
from mmlle.media.color import rgb_luma


def gamma(images, strengths):
    """Made-up enhancement: the exponent falls from 1 (the input) as the strength grows; local, continuous."""
    return images ** (1 - 0.5 * np.asarray(strengths, np.float32).reshape(-1, 1, 1, 1))


def photograph(low, high, size=(60, 90), seed=0):
    values = np.random.default_rng(seed).uniform(low, high, (*size, 1))
    return np.repeat(values, 3, axis=2).astype(np.float32)


def enhanced(image, **settings):
    settings = dict(exposure=0.42, shadows=None) | settings
    field = choose_strength(image, gamma, **settings)
    strength = field.of(image)
    return field, image ** (1 - 0.5 * strength[..., None])


def test_the_mean_luma_reaches_the_target():
    for target in (0.3, 0.42, 0.5):
        field, result = enhanced(photograph(0.05, 0.35), exposure=target)
        assert 0 < field.overall < MAX_STRENGTH
        assert rgb_luma(result).mean() == pytest.approx(target, abs=0.01)


def test_a_trusted_method_is_used_as_trained_where_a_photograph_is_black():
    for image, strongest in ((photograph(0, 0.02), True), (photograph(0.1, 0.4), False)):
        plain, half, full = (enhanced(image, trust=(t, 0))[0].overall for t in (0, 0.5, 1))
        blackness = 1 - rgb_luma(image).mean() / 0.42
        assert (plain > 1) is strongest
        assert half == pytest.approx((plain + full) / 2)
        assert full == pytest.approx(plain + blackness * (1 - plain), abs=1e-3)
    bright = photograph(0.3, 0.7)
    assert enhanced(bright, trust=(1, 1))[0].overall == 0


def test_the_strength_of_the_shadows_is_trusted_by_itself():
    image = np.concatenate([photograph(0, 0.02), photograph(0.3, 0.5)], axis=1)
    fields = [enhanced(image, shadows=0.4, trust=trust)[0] for trust in ((0, 0), (0, 0.5), (0, 1))]
    assert len({field.overall for field in fields}) == 1
    shadows = [field.shadows for field in fields]
    assert shadows[0] > shadows[1] > shadows[2] > 1


def test_a_photograph_that_is_bright_enough_stays():
    image = photograph(0.3, 0.7)
    field, result = enhanced(image)
    assert field.overall == 0
    assert np.array_equal(result, image)


def test_a_black_photograph_stays_black_and_one_of_a_few_steps_of_8_bits_does_not():
    assert not enhanced(np.zeros((60, 90, 3), np.float32))[0].at(LEVELS).any()
    faint = np.random.default_rng(0).integers(0, 3, (60, 90, 1)).repeat(3, axis=2).astype(np.float32) / 255
    assert enhanced(faint)[0].overall == pytest.approx(MAX_STRENGTH)


def test_the_strength_is_at_most_the_largest():
    field, _ = enhanced(photograph(0.0, 0.002))
    assert field.overall == pytest.approx(MAX_STRENGTH)


def test_shadows_come_up_and_lights_stay():
    image = np.concatenate([photograph(0.02, 0.08), photograph(0.7, 0.8)], axis=1)
    field, result = enhanced(image, exposure=0.38, shadows=0.34)
    assert field.overall == 0
    dark, light = np.split(result, 2, axis=1)
    assert rgb_luma(dark)[:, 10:-20].mean() > 0.2
    np.testing.assert_allclose(light[:, 20:], np.split(image, 2, axis=1)[1][:, 20:], atol=0.02)


def with_highlights(share):
    image = photograph(0.05, 0.3, (60, 200))
    image[:, : round(200 * share)] = 0.7
    return image


def test_many_highlights_stay_as_they_are():
    image = with_highlights(0.2)
    _, result = enhanced(image)
    np.testing.assert_allclose(result[:, :30], image[:, :30], atol=0.02)
    # What is darker gets brighter for it, and stays darker than they are.
    assert rgb_luma(result)[:, 60:].mean() > 0.25
    assert rgb_luma(result)[:, 60:].mean() < 0.58


def test_few_highlights_are_brightened_with_the_photograph():
    image = with_highlights(0.04)
    _, result = enhanced(image)
    assert rgb_luma(result)[:, :4].mean() > 0.75


def test_without_shadows_one_strength_serves_all_but_the_lights():
    image = photograph(0.02, 0.3)
    field = choose_strength(image, gamma, 0.42, None)
    assert field.shadows == 0
    strength = field.of(image)
    assert strength.max() == pytest.approx(field.overall)


def test_highlights_are_not_burnt():
    image = photograph(0.0, 0.05)
    image[20:40, 30:60] = photograph(0.76, 0.78, (20, 30), seed=1)
    _, result = enhanced(image, shadows=0.34)
    burnt = ((result >= 240 / 255) & (image < 200 / 255)).any(axis=-1)
    assert burnt.mean() < 0.002
    unlimited = image ** (1 - 0.5 * MAX_STRENGTH)
    assert ((unlimited >= 240 / 255) & (image < 200 / 255)).any(axis=-1).mean() > 0.02


def test_nothing_is_darkened():
    _, result = enhanced(photograph(0.0, 1.0), shadows=0.34)
    assert (result >= photograph(0.0, 1.0) - 1e-6).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (2, 3)])
def test_any_size(size):
    image = photograph(0.05, 0.1, size)
    field = choose_strength(image, gamma, 0.42, 0.34)
    assert field.of(image).shape == size


def test_the_enhancement_is_asked_once_with_a_small_copy():
    calls = []

    def count(images, strengths):
        calls.append((images.shape, strengths.shape))
        return gamma(images, strengths)

    choose_strength(photograph(0.05, 0.3, (600, 900)), count, 0.42, 0.34, side=96)
    assert calls == [((1, 3, 64, 96), (len(STRENGTHS),))]


def test_largest_below():
    values = np.linspace(0.1, 0.9, len(STRENGTHS))
    assert largest_below(values, 0.5) == pytest.approx(MAX_STRENGTH / 2)
    assert largest_below(values, 0.05) == 0
    assert largest_below(values, 2.0) == pytest.approx(MAX_STRENGTH)
    # A level that falls again is not waited for.
    falling = np.array([0.1, 0.6, *[0.2] * (len(STRENGTHS) - 2)])
    assert largest_below(falling, 0.35) == pytest.approx(STRENGTHS[1] / 2)


def test_limits_are_of_the_luma():
    assert (np.diff(LEVELS) > 0).all()
    field, _ = enhanced(photograph(0.0, 1.0))
    assert (np.diff(field.limits) <= 0).all()
