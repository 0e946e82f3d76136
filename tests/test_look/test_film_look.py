import numpy as np
import pytest

from mmlle.look import FilmLook, Look
from mmlle.look.film_look import is_cut


def gamma(images, strengths):
    return images ** (1 - 0.5 * strengths)


def scene(level, seed=0):
    rng = np.random.default_rng(seed)
    coarse = rng.random((6, 8, 3)).repeat(10, axis=0).repeat(10, axis=1)
    return (level * coarse).astype(np.float32)


def strengths(film_look, pictures, rate=25):
    return [film_look.plan(picture, index / rate).overall for index, picture in enumerate(pictures)]


def test_the_first_picture_is_enhanced_as_a_photograph():
    image = scene(0.2)
    expected = Look(denoise="off").apply(image, gamma)
    np.testing.assert_array_equal(FilmLook(Look(), gamma)(image, 0.0), expected)


def test_a_still_film_does_not_change():
    results = strengths(FilmLook(Look(), gamma), [scene(0.2)] * 30)
    assert results == pytest.approx([results[0]] * 30, abs=1e-6)


def test_strength_follows_slowly():
    pictures = [scene(0.2)] * 5 + [scene(0.3)] * 100
    results = strengths(FilmLook(Look(), gamma, smoothing=1.0), pictures)
    goal = Look().plan(scene(0.3), gamma).overall
    assert goal < results[0]
    steps = np.diff(results)
    assert (steps <= 1e-9).all()
    assert np.abs(steps).max() < 0.06 * abs(goal - results[0])
    # One second after the target is known: 63 %.
    assert (results[30] - results[0]) / (goal - results[0]) == pytest.approx(0.63, abs=0.05)
    assert results[-1] == pytest.approx(goal, abs=0.03)


def test_it_follows_time_and_not_the_number_of_pictures():
    change = [scene(0.2)] * 1 + [scene(0.3)] * 60
    fast = strengths(FilmLook(Look(), gamma), change, rate=60)
    slow = strengths(FilmLook(Look(), gamma), change[:31], rate=30)
    assert fast[-1] == pytest.approx(slow[-1], rel=0.05)


def test_a_cut_holds_at_once():
    results = strengths(FilmLook(Look(), gamma), [scene(0.2)] * 5 + [scene(0.4, seed=1)] * 2)
    goal = Look().plan(scene(0.4, seed=1), gamma).overall
    assert results[5:] == pytest.approx([goal] * 2)


def test_strengths_are_chosen_a_few_times_a_second():
    calls = []

    def count(images, strengths):
        calls.append(len(strengths))
        return gamma(images, strengths)

    look = FilmLook(Look(), count, interval=0.2)
    for index in range(25):
        look(scene(0.2), index / 25)
    assert sum(size > 1 for size in calls) == 5
    assert sum(size == 1 for size in calls) == 25


def test_automatic_denoising_only_averages_the_faint_and_a_number_is_kept():
    assert FilmLook(Look(), gamma).look.denoise == 0
    assert FilmLook(Look(denoise="off"), gamma).look.denoise == "off"
    assert FilmLook(Look(denoise=5), gamma).look.denoise == 5


def test_a_fixed_strength_holds():
    assert strengths(FilmLook(Look(strength=0.7), gamma), [scene(0.1), scene(0.5)] * 3) == [0.7] * 6
    image = scene(0.2)
    assert FilmLook(Look(strength=0), gamma)(image, 0.0) is image


@pytest.mark.parametrize(
    ("before", "after", "cut"),
    [
        (scene(0.2), scene(0.2, seed=1), True),
        (scene(0.2), scene(0.4), False),  # a change of exposure
        (scene(0.2), scene(0.01), False),  # a fade
        (scene(0.2), np.roll(scene(0.2), 2, axis=1), False),  # a pan
        (scene(0.0), scene(0.0), False),
        (scene(0.0), scene(0.4), True),  # a scene after black
        (scene(0.001), scene(0.001, seed=1), False),  # noise in the dark
    ],
)
def test_cuts(before, after, cut):
    assert is_cut(before[..., 1], after[..., 1]) is cut
