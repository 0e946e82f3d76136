import pytest

from mmlle.evaluation.summary import summarise


def test_figures_over_the_images_that_a_measure_applies_to():
    values = {
        "a": {"x": 1.0, "y": None, "z": None},
        "b": {"x": 2.0, "y": 5.0, "z": None},
        "c": {"x": 6.0, "y": None, "z": None},
        "d": {},
    }
    summary = summarise(values.values())
    # Mean 3, squared deviations 4 + 1 + 9 over n - 1 = 2.
    assert summary["x"] == dict(n=3, mean=3, sd=pytest.approx(7**0.5))
    assert summary["y"] == dict(n=1, mean=5, sd=None)
    assert summary["z"] == dict(n=0, mean=None, sd=None)
    assert summarise([]) == {}
