import struct

import pytest
from PIL import ExifTags, Image

from mmlle.media.exif_block import build_exif, exif_tags, upright_exif, upright_xmp

from .photographs import XMP, exif


@pytest.mark.parametrize("order", ["<", ">"])
class TestBlock:
    def test_pillow_reads_what_the_tests_make(self, order):
        block = Image.Exif()
        block.load(exif(6, order=order))
        assert block[0x0112] == 6
        assert block[0x010F] == "Tiny Cameras"
        assert block.get_ifd(0x8769)[0x927C] == b"MAKER-NOTE-0123456789"
        assert len(block.get_ifd(ExifTags.IFD.IFD1)) == 3

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_orientation(self, order, orientation):
        block = exif(orientation, order=order)
        changed = Image.Exif()
        changed.load(upright_exif(block, 10, 20))
        assert changed[0x0112] == 1

    def test_only_orientation_size_and_thumbnail_change(self, order):
        before, after = exif(6, order=order), upright_exif(exif(6, order=order), 2000, 3000)
        assert b"dark picture" in before
        assert b"dark picture" not in after
        changed = Image.Exif()
        changed.load(after)
        assert changed[0x010F] == "Tiny Cameras"
        assert not changed.get_ifd(ExifTags.IFD.IFD1)
        details = changed.get_ifd(0x8769)
        assert (details[0xA002], details[0xA003], details[0x8827]) == (3000, 2000, 3200)
        differing = [i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b]
        assert len(after) == 300  # cut where the thumbnail began
        assert len(differing) <= 2 + 2 * 4 + 4

    def test_tags_to_a_block_and_back(self, order):
        tags = exif_tags(exif(6, order=order))
        assert 0x0112 not in tags
        assert tags[0x8769][0x927C] == b"MAKER-NOTE-0123456789"
        assert set(tags[0x8825]) == {0x0000, 0x0005}
        assert exif_tags(build_exif(tags)) == tags


def test_a_thumbnail_in_the_middle_is_blanked():
    block = exif() + b"something behind it"
    changed = upright_exif(block, 1, 1)
    assert len(changed) == len(block)
    assert b"dark picture" not in changed
    assert changed.endswith(b"something behind it")


def test_no_tags_are_no_block():
    assert build_exif({}) is None


@pytest.mark.parametrize("block", [b"", b"II*\0", b"II*\0\xff\xff\0\0", exif()[:20]])
def test_a_damaged_block_is_an_error(block):
    with pytest.raises(struct.error):
        upright_exif(block, 1, 1)


def test_xmp_says_upright():
    assert upright_xmp(XMP) == XMP.replace(b'Orientation="6"', b'Orientation="1"')
    element = b"<tiff:Orientation>8</tiff:Orientation><tiff:Make>8</tiff:Make>"
    assert upright_xmp(element) == b"<tiff:Orientation>1</tiff:Orientation><tiff:Make>8</tiff:Make>"
