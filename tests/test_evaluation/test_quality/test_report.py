import pytest

from mmlle.evaluation.quality import QUALITY_SETS, summarise, to_markdown


def test_summary_over_the_photographs_that_a_measure_applies_to():
    values = {
        "a": {"x": 1.0, "y": None, "z": None},
        "b": {"x": 2.0, "y": 5.0, "z": None},
        "c": {"x": 6.0, "y": None, "z": None},
    }
    summary = summarise(values)
    # Mean 3, squared deviations 4 + 1 + 9 over n - 1 = 2.
    assert summary["x"] == dict(n=3, mean=3, sd=pytest.approx(7**0.5))
    assert summary["y"] == dict(n=1, mean=5, sd=None)
    assert summary["z"] == dict(n=0, mean=None, sd=None)


def test_table():
    summary = {
        "identity dB": dict(n=3, mean=20.04, sd=1.26),
        "bright part dB": dict(n=1, mean=22.0, sd=None),
    }
    other = {"identity dB": dict(n=3, mean=30, sd=2), "bright part dB": dict(n=0, mean=None, sd=None)}
    assert to_markdown(QUALITY_SETS["D"], {"sgz": summary, "folder": other}).splitlines() == [
        "| D well exposed | n | identity dB | bright part dB |",
        "| --- | --- | --- | --- |",
        "| sgz | 3 | 20.0 ± 1.3 | 22.0 (n = 1) |",
        "| folder | 3 | 30.0 ± 2.0 | – |",
    ]
