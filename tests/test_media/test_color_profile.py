import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from mmlle.media.color import linear_to_srgb
from mmlle.media.color_profile import parse_profile

from .photographs import ADOBE_RGB, DISPLAY_P3, SRGB, SRGB_CURVE, curve, noise, profile, table

PROFILES = {
    "Display P3": profile(DISPLAY_P3),
    "Adobe RGB": profile(ADOBE_RGB, curve(0, 2.19921875)),
    "gamma": profile(DISPLAY_P3, b"curv\0\0\0\0\0\0\0\1\x01\xcd"),
    "table": profile(ADOBE_RGB, table([round(65535 * (i / 1023) ** 1.8) for i in range(1024)])),
    "linear": profile(SRGB, b"curv\0\0\0\0\0\0\0\0"),
    "four numbers and two": profile(DISPLAY_P3, curve(4, *SRGB_CURVE[1:], 0.0, 0.0)),
}


@pytest.mark.parametrize("name", PROFILES)
class TestConversion:
    def test_there_and_back_to_a_16_bit_level(self, name):
        values = noise(20, 30, 3, "uint16") / 65535
        parsed = parse_profile(PROFILES[name])
        # A table that begins with equal values cannot be inverted there.
        tolerance = 0.5 / 255 if name == "table" else 0.5 / 65535
        assert abs(parsed.from_linear_srgb(parsed.to_linear_srgb(values)) - values).max() < tolerance

    def test_what_lies_outside_comes_back(self, name):
        values = noise(20, 30, 3, "float32").astype(float) * 3 - 1
        parsed = parse_profile(PROFILES[name])
        tolerance = 0.5 / 255 if name == "table" else 0.5 / 65535
        assert abs(parsed.from_linear_srgb(parsed.to_linear_srgb(values)) - values).max() < tolerance

    def test_as_littlecms_within_a_level_of_8_bits(self, name):
        # Colours inside sRGB: away from its edges.
        pixels = np.random.default_rng(0).integers(90, 160, (20, 30, 3), np.uint8)
        ours = linear_to_srgb(parse_profile(PROFILES[name]).to_linear_srgb(pixels / 255)) * 255
        theirs = ImageCms.profileToProfile(
            Image.fromarray(pixels),
            ImageCms.ImageCmsProfile(io.BytesIO(PROFILES[name])),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
        inside = (ours > 1).all(-1) & (ours < 254).all(-1)
        assert inside.mean() > 0.5
        assert abs(ours - np.asarray(theirs))[inside].max() < 1.1


def test_black_stays_black_where_a_table_begins_with_equal_values():
    values = [0] * 40 + [round(65535 * (i / 983) ** 2) for i in range(983)] + [65535] * 2
    parsed = parse_profile(profile(SRGB, table(values)))
    encoded = parsed.from_linear_srgb(np.array([[[0.0] * 3, [1.0] * 3]]))
    assert encoded[0] == pytest.approx(np.array([[0] * 3, [1] * 3]), abs=1e-3)


def test_saturated_display_p3_lies_outside_srgb():
    red = parse_profile(PROFILES["Display P3"]).to_linear_srgb(np.array([[[1.0, 0, 0]]]))
    assert red[0, 0] == pytest.approx([1.2249, -0.0420, -0.0196], abs=2e-3)


def test_grey_has_a_curve_alone():
    parsed = parse_profile(profile(trc=curve(0, 1.8), space=b"GRAY"))
    light = parsed.to_linear_srgb(np.full((1, 1, 3), 0.5))
    assert light[0, 0] == pytest.approx([0.5**1.8] * 3, abs=1e-4)


def test_srgb_needs_no_conversion():
    assert parse_profile(profile(SRGB)) is None
    assert parse_profile(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()) is None


def test_what_is_no_matrix_or_damaged_is_left_alone():
    whole = profile()
    assert parse_profile(profile(A2B0=b"mft2" + bytes(40))) is None
    assert parse_profile(profile(space=b"CMYK")) is None
    assert parse_profile(profile([[0, 0, 0]] * 3)) is None
    assert parse_profile(b"") is None
    for end in range(128, len(whole), 7):
        parse_profile(whole[:end])  # raises nothing
    falling = profile(trc=table([65535, 0]))
    assert parse_profile(falling) is None
