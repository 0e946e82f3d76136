import io
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from mmlle.apis.batch import IMAGES
from mmlle.apis.image_stream import enhance_stream
from mmlle.media.image_io import encode_image, read_image
from mmlle.testing import dark_image
from mmlle.utils.errors import UserError

IMAGE = dark_image(6, 7)


@pytest.fixture
def streams(tmp_path, monkeypatch):
    """Standard input with what a test gives, and standard output as bytes."""
    monkeypatch.chdir(tmp_path)

    def give(content):
        output = io.BytesIO()
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=output))
        return output

    return give


def double(image):
    return image * 2


@pytest.mark.parametrize(("suffix", "format"), [(".png", "PNG"), (".jpg", "JPEG"), (".tif", "TIFF")])
def test_standard_input_to_standard_output(streams, suffix, format):
    content = encode_image(IMAGE, f"x{suffix}")
    output = streams(content)
    enhance_stream("-", "-", double, IMAGES)
    assert Image.open(output).format == format
    assert output.getvalue() == encode_image(double(read_image(io.BytesIO(content))), f"x{suffix}")


def test_a_file_to_standard_output(streams):
    Path("x.bmp").write_bytes(encode_image(IMAGE, "x.bmp"))
    output = streams(b"")
    enhance_stream("x.bmp", "-", double, IMAGES)
    assert np.array_equal(read_image(output), double(IMAGE))


def test_standard_input_to_a_file(streams):
    output = streams(encode_image(IMAGE, "x.png"))
    enhance_stream("-", "new/y.tif", double, IMAGES)
    assert output.getvalue() == b""
    assert np.array_equal(read_image("new/y.tif"), double(IMAGE))


@pytest.mark.parametrize(
    ("existing", "content"),
    [("fail", b"old"), ("keep", b"old"), ("replace", encode_image(double(IMAGE), "y.png"))],
)
def test_a_file_that_is_there(streams, existing, content):
    Path("y.png").write_bytes(b"old")
    streams(encode_image(IMAGE, "x.png"))
    if existing == "fail":
        with pytest.raises(UserError, match=r"y\.png is there already; --overwrite"):
            enhance_stream("-", "y.png", double, IMAGES, existing)
    else:
        enhance_stream("-", "y.png", double, IMAGES, existing)
    assert Path("y.png").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"text", encode_image(IMAGE, "x.png")[:70]])
def test_what_cannot_be_read(streams, content):
    output = streams(content)
    with pytest.raises(UserError, match="Cannot read the image standard input"):
        enhance_stream("-", "-", double, IMAGES)
    assert output.getvalue() == b""


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("gone.png", "-", r"gone\.png: No such file"),
        ("-", "folder", "'' is not an image format"),
        ("-", "x.foo", r"'\.foo' is not an image format"),
        ("-", "file/x.png", "file is not a folder"),
    ],
)
def test_what_the_user_can_fix(streams, source, target, message):
    Path("file").write_bytes(b"")
    streams(encode_image(IMAGE, "x.png"))
    with pytest.raises(UserError, match=message):
        enhance_stream(source, target, double, IMAGES)
