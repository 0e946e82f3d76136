"""EXIF blocks: the TIFF structure of tags that JPEG, PNG, WebP, AVIF and HEIC files carry.

A block is changed in place where possible, so that a maker's notes, whose offsets only the maker knows, stay
valid.
"""

import io
import re
import struct
from typing import Any

from PIL.TiffImagePlugin import ImageFileDirectory_v2

__all__ = ["build_exif", "exif_tags", "read_ifd", "upright_exif", "upright_xmp", "without_orientation"]

_HEADER = b"II*\0\x08\0\0\0"
_ORIENTATION, _EXIF_IFD, _GPS_IFD, _INTEROP_IFD = 0x0112, 0x8769, 0x8825, 0xA005
_WIDTH, _HEIGHT = 0xA002, 0xA003
_THUMBNAIL_OFFSET, _THUMBNAIL_LENGTH = 0x0201, 0x0202

#: Tags of a TIFF's first directory that describe the photograph and not how its pixels are stored:
#: description, make, model, software, date, artist, host, rating, copyright, and Windows' own of these.
_DESCRIPTIVE = {
    *(0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x4749, 0x8298),
    *(0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F),
    *(_EXIF_IFD, _GPS_IFD),
}


class _Entries:
    """The entries of one directory of a block: where each tag's value or its offset is stored."""

    def __init__(self, block: bytearray, offset: int) -> None:
        self.block = block
        self.order = "<" if block[:2] == b"II" else ">"
        (count,) = struct.unpack_from(self.order + "H", block, offset)
        self.places = {}
        for place in range(offset + 2, offset + 2 + 12 * count, 12):
            tag, kind = struct.unpack_from(self.order + "HH", block, place)
            self.places[tag] = (place + 8, self.order + {3: "H"}.get(kind, "I"))
        self.next = offset + 2 + 12 * count

    def get(self, tag: int) -> int | None:
        """Return the single short or long value of a tag."""
        if tag not in self.places:
            return None
        place, form = self.places[tag]
        return struct.unpack_from(form, self.block, place)[0]

    def set(self, tag: int, value: int) -> None:
        """Replace the value of a tag, if the directory has it."""
        if tag in self.places:
            place, form = self.places[tag]
            struct.pack_into(form, self.block, place, min(value, 65535) if form[1] == "H" else value)


def _first_directory(block: bytearray) -> _Entries:
    (offset,) = struct.unpack_from("<I" if block[:2] == b"II" else ">I", block, 4)
    return _Entries(block, offset)


def without_orientation(content: bytes) -> bytes:
    """Return a TIFF structure that says that it is upright, for decoders that would turn it."""
    changed = bytearray(content)
    if content[2:4] in (b"*\0", b"\0*"):
        _first_directory(changed).set(_ORIENTATION, 1)
    return bytes(changed)


def upright_exif(block: bytes, height: int, width: int) -> bytes:
    r"""Return a block for pixels that are upright and have been changed.

    The orientation becomes 1, the size in pixels that of the image, and the thumbnail, which would show the
    photograph as it was, is removed. All else stays as it is, byte for byte.

    Args:
        block: TIFF structure, without a leading ``Exif\0\0``.
        height: Of the image.
        width: Of the image.

    Raises:
        struct.error: If the block is damaged.
    """
    changed = bytearray(block)
    first = _first_directory(changed)
    first.set(_ORIENTATION, 1)
    details = first.get(_EXIF_IFD)
    if details is not None:
        entries = _Entries(changed, details)
        entries.set(_WIDTH, width)
        entries.set(_HEIGHT, height)
    if len(changed) < first.next + 4:
        return bytes(changed)
    (second,) = struct.unpack_from(first.order + "I", changed, first.next)
    if second:
        thumbnail = _Entries(changed, second)
        start, length = thumbnail.get(_THUMBNAIL_OFFSET), thumbnail.get(_THUMBNAIL_LENGTH)
        struct.pack_into(first.order + "I", changed, first.next, 0)
        if start is not None and length is not None:
            end = min(start + length, len(changed))
            changed[start:end] = bytes(max(end - start, 0))
            if end == len(changed):
                del changed[start:]
    return bytes(changed)


def upright_xmp(packet: bytes) -> bytes:
    """Return an XMP packet that says, if it says anything about it, that the image is upright."""
    return re.sub(rb"(tiff:Orientation(?:\s*=\s*[\"']|>)\s*)[2-8]", rb"\g<1>1", packet)


def read_ifd(content: bytes, offset: int | None = None, group: int | None = None) -> ImageFileDirectory_v2:
    """Read a directory of a TIFF structure, with the values of its tags.

    Args:
        content: The structure, from its header on.
        offset: Of the directory; None for the first.
        group: Tag that points to it; None for the first.
    """
    big = content[2:4] in (b"+\0", b"\0+")
    directory = ImageFileDirectory_v2(content[: 16 if big else 8], group=group)
    stream = io.BytesIO(content)
    stream.seek(directory.next if offset is None else offset)
    directory.load(stream)
    return directory


def exif_tags(content: bytes) -> dict[int, Any]:
    """Return the tags of a TIFF structure that describe a photograph, sub-directories as dictionaries.

    Orientation, thumbnail and what says how pixels are stored are left out.
    """
    tags = {tag: value for tag, value in read_ifd(content).items() if tag in _DESCRIPTIVE}
    for tag in (_EXIF_IFD, _GPS_IFD):
        if tag in tags:
            tags[tag] = dict(read_ifd(content, tags[tag], tag))
    details = tags.get(_EXIF_IFD, {})
    if _INTEROP_IFD in details:
        details[_INTEROP_IFD] = dict(read_ifd(content, details[_INTEROP_IFD], _INTEROP_IFD))
    return tags


def build_exif(tags: dict[int, Any]) -> bytes | None:
    """Make a block of what :func:`exif_tags` returns; None if there is nothing."""
    if not tags:
        return None
    directory = ImageFileDirectory_v2(_HEADER)
    for tag, value in tags.items():
        directory[tag] = value
    return _HEADER + directory.tobytes(8)
