import numpy as np
import pytest

from mmlle.media.color import linear_to_srgb, srgb_to_linear
from mmlle.media.photograph import Photograph

from .photographs import noise


def photograph(**properties):
    return Photograph(noise(6, 9, 3, "float32"), **properties)


def test_the_same_pixels_are_the_same_photograph():
    excess = noise(6, 9, 3, "float32") - 0.5
    before = photograph(alpha=noise(6, 9, 1)[..., 0], exif=b"x", dpi=(1.0, 2.0), excess=excess)
    after = before.replaced(before.pixels)
    assert np.array_equal(after.pixels, before.pixels)
    assert after.alpha is before.alpha
    assert np.array_equal(after.excess, excess)
    assert (after.exif, after.dpi) == (b"x", (1.0, 2.0))


def test_memory():
    assert photograph().nbytes == 6 * 9 * 3 * 4
    assert photograph(alpha=noise(6, 9, 1)[..., 0]).nbytes == 6 * 9 * (3 * 4 + 1)


def test_pixels_are_clipped():
    after = photograph().replaced(np.full((6, 9, 3), 1.25) * [1, -1, 0.4])
    assert after.pixels.dtype == np.float32
    assert after.pixels[0, 0] == pytest.approx([1, 0, 0.5])


def test_greyscale_takes_the_luma():
    grey = Photograph(np.repeat(noise(6, 9, 1, "float32"), 3, axis=2), grey=True)
    assert np.array_equal(grey.replaced(grey.pixels).pixels, grey.pixels)
    tinted = grey.replaced(np.full((6, 9, 3), 1.0) * [0.5, 0.6, 0.7]).pixels
    assert np.allclose(tinted, 0.299 * 0.5 + 0.587 * 0.6 + 0.114 * 0.7)


@pytest.mark.parametrize("depth", ["uint8", "uint16", "float32"])
def test_alpha_is_enlarged_alike(depth):
    alpha = np.zeros((6, 9), depth)
    alpha[:, 4:] = np.iinfo(depth).max if depth != "float32" else 1
    large = photograph(alpha=alpha, depth=depth).replaced(noise(24, 36, 3, "float32"))
    assert large.alpha.shape == (24, 36)
    assert large.alpha.dtype == depth
    assert (large.alpha[:, :12] == 0).all()
    assert (large.alpha[:, 20:] == alpha.max()).all()


def test_light_aside_follows_the_gain():
    # Out of sRGB's gamut, twice as much light: the whole colour doubles.
    light = np.array([[[0.30, -0.02, 0.05]]])
    inside = np.clip(light, 0, 1)
    before = Photograph(linear_to_srgb(inside).astype(np.float32), excess=(light - inside).astype(np.float32))
    after = before.replaced(linear_to_srgb(2 * inside))
    assert srgb_to_linear(after.pixels) + after.excess == pytest.approx(2 * light, rel=1e-4)


@pytest.mark.parametrize("shape", [(6, 9), (6, 9, 1), (5, 9, 3), (12, 9, 3), (0, 0, 3), (15, 18, 3)])
def test_other_sizes_are_refused(shape):
    with pytest.raises(ValueError, match=r"do not fit a photograph of \(6, 9, 3\)"):
        photograph().replaced(np.zeros(shape))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="not all finite"):
        photograph().replaced(np.full((6, 9, 3), value))
