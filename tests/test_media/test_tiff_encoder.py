import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from mmlle.media.exif_block import exif_tags, upright_xmp
from mmlle.media.tiff_encoder import encode_tiff

from .photographs import XMP, exif, noise, profile, smooth


@pytest.mark.parametrize("depth", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (3, 200), (300, 2)])
def test_tifffile_reads_what_was_encoded(depth, channels, size):
    samples = noise(*size, channels, depth)
    with tifffile.TiffFile(io.BytesIO(encode_tiff(samples))) as file:
        read = file.asarray()
        extra = [int(value) for value in file.pages[0].extrasamples]
    assert read.dtype == depth
    assert np.array_equal(read.reshape(samples.shape), samples)
    assert extra == ([2] if channels in (2, 4) else [])


def test_properties_as_pillow_reads_them():
    content = encode_tiff(
        smooth(300, 20), exif=exif(6), xmp=upright_xmp(XMP), icc_profile=profile(), dpi=(300.0, 72.5)
    )
    image = Image.open(io.BytesIO(content))
    assert np.array_equal(np.asarray(image), smooth(300, 20))
    assert image.info["icc_profile"] == profile()
    assert image.info["dpi"] == (300.0, 72.5)
    assert image.tag_v2[700] == upright_xmp(XMP)
    assert exif_tags(content) == exif_tags(exif(6))
    assert image.getexif().get_ifd(0x8769)[0x927C] == b"MAKER-NOTE-0123456789"
    assert 0x0112 not in image.tag_v2  # the pixels are upright
