from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Optional

import pytest
import torch
from torch import nn

from mmlle.utils.annotations import describe, fits, parameters_of


@pytest.mark.parametrize(
    ("annotation", "fitting", "others"),
    [
        (int, [3, -1], [True, 3.0, "3", None, [3]]),
        (float, [3, 0.5], [True, "0.5", None]),
        (bool, [True], [1, "yes"]),
        (str, ["x"], [1, None, ["x"]]),
        (str | Path, ["x", Path("x")], [1]),
        (int | None, [None, 3], ["3"]),
        (Optional[int], [None, 3], ["3"]),  # noqa: UP045  (as others write it)
        (Literal["l1", "l2"], ["l1"], ["l3", 1]),
        (list[int], [[1, 2], (1,)], [[1, "2"], 1, "12", dict(a=1)]),
        (tuple[float, float], [[1, 0.5]], [[1], [1, 2, 3], [1, "2"]]),
        (tuple[int, ...], [[], [1, 2, 3]], [["1"]]),
        (Sequence[str], [["a"], ("b",)], ["ab", [1]]),
        (dict, [dict(a=1)], [[1], "x", None]),
        (Mapping[str, int], [dict(a=1)], [dict(a="x")]),
        (Callable, [len, dict(type="x")], ["x", 3]),
        (nn.Module, [nn.Identity(), dict(type="x")], ["x", 3, [1]]),
        (torch.device, ["cpu"], []),
        (Any, ["x", 3, None], []),
        ("a name for type checkers", ["x", 3, None], []),
    ],
)
def test_fits(annotation, fitting, others):
    assert [value for value in fitting if not fits(value, annotation)] == []
    assert [value for value in others if fits(value, annotation)] == []


def test_loosely_only_text_in_a_number_s_place_is_wrong():
    assert fits(3, dict, loosely=True)
    assert fits("x", tuple[list[str], str], loosely=True)
    assert not fits("x", float | None, loosely=True)


def test_types_are_named_as_in_the_code():
    assert describe(int | None) == "int or None"
    assert describe(dict | list[dict]) == "dict or list[dict]"
    assert describe(tuple[int, ...]) == "tuple[int, ...]"
    assert describe(Literal["l1", "l2"]) == "'l1' or 'l2'"
    assert describe(Callable[..., int]) == "Callable"


class Base:
    def __init__(self, size: int, rate: float = 1.0):
        pass


class Derived(Base):
    def __init__(self, name: str = None, **kwargs):
        pass


def test_what_a_class_takes_is_also_what_it_passes_on():
    parameters, more = parameters_of(Derived)
    assert list(parameters) == ["size", "rate", "name"]
    assert parameters["size"].required
    assert not parameters["rate"].required
    assert parameters["name"].takes(None)
    assert str(parameters["name"]) == "str or None"
    assert more  # this module is none that passes everything on


def test_a_number_without_annotation_is_no_text():
    def function(ratio=0.5, name=None):
        pass

    parameters, more = parameters_of(function)
    assert not more
    assert not parameters["ratio"].takes("often")
    assert parameters["ratio"].takes([0.1, 0.2])
    assert parameters["name"].takes("x")
