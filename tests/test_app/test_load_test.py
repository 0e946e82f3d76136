import io
from collections import Counter

from PIL import Image

from mmlle.app.load_test import visit_at_once
from mmlle.testing import dark_image


def jpeg(height, width, seed=0):
    stream = io.BytesIO()
    Image.fromarray(dark_image(height, width, seed)[..., ::-1]).save(stream, "JPEG")
    return stream.getvalue()


def test_each_visit_is_answered_or_refused_in_words(url, temporary):
    files = [(f"{number}.jpg", jpeg(40, 60, number)) for number in range(6)]
    files += [("large.jpg", jpeg(1000, 1001)), ("text.jpg", b"text"), ("heavy.jpg", bytes(600_000))]
    report = visit_at_once(url, files, 60)
    assert report.failed == Counter()
    assert report.answered == 6
    words = " ".join(report.refused)
    assert len(report.refused) == 3
    for expected in ("limit of 1,000,000 pixels", "not an image", "maximum allowed size"):
        assert expected in words
    assert len(report.seconds) == 9


def test_more_than_the_queue_holds_is_refused_in_words(url, page, monkeypatch):
    monkeypatch.setattr(page._queue, "max_size", 2)
    report = visit_at_once(url, [(f"{number}.jpg", jpeg(200, 300, number)) for number in range(12)], 60)
    assert report.failed == Counter()
    assert report.answered >= 1
    assert report.answered + sum(report.refused.values()) == 12
    assert all(words.startswith("Queue is full") for words in report.refused)


def test_a_page_that_is_not_there_is_a_failure():
    report = visit_at_once("http://127.0.0.1:9", [("x.jpg", jpeg(4, 4))], 5)
    assert (report.answered, sum(report.refused.values())) == (0, 0)
    assert "ConnectError" in next(iter(report.failed))
