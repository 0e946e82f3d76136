import io
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image

from mmlle.apis.batch import photograph_codec
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
    """Of a photograph, or of its pixels."""
    if isinstance(image, np.ndarray):
        return image * 2
    return image.replaced(image.pixels * 2)


@pytest.mark.parametrize(("suffix", "format"), [(".png", "PNG"), (".jpg", "JPEG"), (".tif", "TIFF")])
def test_standard_input_to_standard_output(streams, suffix, format):
    content = encode_image(IMAGE, f"x{suffix}")
    output = streams(content)
    enhance_stream("-", "-", double, photograph_codec())
    assert Image.open(output).format == format
    expected = double(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR))
    result = cv2.imdecode(np.frombuffer(output.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(result.astype(int) - expected).mean() <= (6 if suffix == ".jpg" else 0)


def test_a_file_to_standard_output(streams):
    Path("x.bmp").write_bytes(encode_image(IMAGE, "x.bmp"))
    output = streams(b"")
    enhance_stream("x.bmp", "-", double, photograph_codec())
    result = cv2.imdecode(np.frombuffer(output.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(result, double(IMAGE))


def test_standard_input_to_a_file(streams):
    output = streams(encode_image(IMAGE, "x.png"))
    enhance_stream("-", "new/y.tif", double, photograph_codec())
    assert output.getvalue() == b""
    assert np.array_equal(read_image("new/y.tif"), double(IMAGE))


@pytest.mark.parametrize(
    ("existing", "content"),
    [("fail", b"old"), ("keep", b"old"), ("replace", None)],
)
def test_a_file_that_is_there(streams, existing, content):
    Path("y.png").write_bytes(b"old")
    streams(encode_image(IMAGE, "x.png"))
    if existing == "fail":
        with pytest.raises(UserError, match=r"y\.png is there already; --overwrite"):
            enhance_stream("-", "y.png", double, photograph_codec(), existing)
    else:
        enhance_stream("-", "y.png", double, photograph_codec(), existing)
    if content is None:
        assert np.array_equal(read_image("y.png"), double(IMAGE))
    else:
        assert Path("y.png").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"text", encode_image(IMAGE, "x.png")[:70]])
def test_what_cannot_be_read(streams, content):
    output = streams(content)
    with pytest.raises(UserError, match="Cannot read the image standard input"):
        enhance_stream("-", "-", double, photograph_codec())
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
        enhance_stream(source, target, double, photograph_codec())


def test_what_cannot_be_kept_is_told(streams):
    content = io.BytesIO()
    Image.fromarray(IMAGE).convert("CMYK").save(content, "JPEG", dpi=(90, 90))
    streams(content.getvalue())
    told = enhance_stream("-", "x.ppm", double, photograph_codec(quality=80))
    assert told == [
        f"standard input: {note}."
        for note in ("CMYK was converted to RGB", "DPI left out", ".ppm has no quality")
    ]
    streams(content.getvalue())
    assert enhance_stream("-", "-", double, photograph_codec()) == told[:1]
