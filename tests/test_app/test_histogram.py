import re

import numpy as np
import pytest

from mmlle.app.histogram import HEIGHT, NUM_BINS, histogram_svg, luma_histogram


def grey(*values):
    return np.repeat(np.array([values], np.float32)[..., None], 3, axis=2)


def test_shares_by_luma():
    shares = luma_histogram(grey(0, 0, 0.5, 1))
    assert len(shares) == NUM_BINS
    assert {place: share for place, share in enumerate(shares) if share} == {0: 0.5, 32: 0.25, 63: 0.25}


def test_luma_weighs_the_colours():
    green = np.zeros((1, 1, 3), np.float32)
    green[..., 1] = 1
    assert luma_histogram(green).argmax() == int(0.587 * NUM_BINS)


def test_the_picture_says_what_it_shows():
    svg = histogram_svg(grey(0.1, 0.1), grey(0.4, 0.5))
    assert 'role="img"' in svg
    assert re.search('aria-label="[^"]*0.10 before, 0.45 after', svg)


@pytest.mark.parametrize("image", [grey(0.0), grey(*np.linspace(0, 1, 500))])
def test_bars_stay_within_the_picture(image):
    svg = histogram_svg(image, image)
    tops = [float(top) for top in re.findall(r"V([\d.]+)H", svg)]
    assert len(tops) == 2 * NUM_BINS
    assert min(tops) == 0
    assert max(tops) <= HEIGHT
