import io
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from mmlle.media.png_encoder import encode_png

from .photographs import XMP, exif, noise, profile, smooth


@pytest.mark.parametrize("depth", ["uint8", "uint16"])
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (150, 2)])
def test_opencv_reads_what_was_encoded(depth, size):
    for channels in (1, 3, 4):
        samples = noise(*size, channels, depth)
        read = cv2.imdecode(np.frombuffer(encode_png(samples), np.uint8), cv2.IMREAD_UNCHANGED)
        order = [2, 1, 0, 3][:channels] if channels > 1 else [0]
        assert read.dtype == depth
        assert np.array_equal(read.reshape(samples.shape)[..., order], samples)


def test_grey_with_alpha():
    samples = noise(20, 30, 2)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(samples)))), samples)


def test_properties_as_pillow_reads_them():
    image = Image.open(
        io.BytesIO(encode_png(smooth(), exif=exif(), xmp=XMP, icc_profile=profile(), dpi=(300, 150)))
    )
    image.load()
    assert image.info["exif"].removeprefix(b"Exif\0\0") == exif()
    assert image.info["icc_profile"] == profile()
    assert image.info["dpi"] == pytest.approx((300, 150), abs=0.02)
    xmp = image.info["xmp"]
    assert (xmp.encode() if isinstance(xmp, str) else xmp) == XMP


def test_prediction_helps():
    # A gradient compresses to a small part of what deflate alone makes of it.
    samples = np.ascontiguousarray(smooth(400, 600)[..., :2].astype(np.uint16) * 257)
    assert len(encode_png(samples)) < 0.5 * len(zlib.compress(samples.tobytes()))
