import base64
import re

import cv2
import numpy as np

from mmlle.app.comparison import comparison_html


def image(value):
    return np.full((20, 30, 3), value, np.float32) * np.array([1, 0.5, 0.25], np.float32)


def test_two_pictures_with_texts_and_a_divider():
    html = comparison_html("a <b>.jpg", image(0.2), image(0.8))
    assert re.findall('<img [^>]*alt="([^"]*)"', html) == [
        "a &lt;b&gt;.jpg before",
        "a &lt;b&gt;.jpg after",
    ]
    assert '<input type="range"' in html
    assert re.search(r'<input [^>]*aria-label="Divider[^"]+"', html)
    assert "aspect-ratio: 30 / 20" in html


def test_the_pictures_are_those_that_were_given():
    html = comparison_html("x", image(0.2), image(0.8))
    shown = [
        cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)[..., ::-1] / 255
        for data in re.findall(r"base64,([^\"]+)", html)
    ]
    for pixels, expected in zip(shown, (0.2, 0.8), strict=True):
        assert np.abs(pixels - image(expected)).max() < 0.02
