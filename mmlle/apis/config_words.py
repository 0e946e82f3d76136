"""How a problem of a config is told: what stands there, what it takes, and what may have been meant."""

import difflib
from collections.abc import Iterable
from itertools import product
from typing import Any

from mmlle.utils.annotations import Parameter

__all__ = ["did_you_mean", "is_slip", "listed", "shown", "wrong_value"]

#: How many names of arguments a message gives.
NAMES_SHOWN = 12


def is_slip(one: str, other: str) -> bool:
    """Whether two names differ by one or two letters that are missing, wrong or exchanged."""
    if abs(len(one) - len(other)) > 1 or len(one) < 5:
        return False
    # The distance of Damerau and Levenshtein; costs[i][j] is that of the first i and j letters.
    costs = [[i + j if not i * j else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i, j in product(range(1, len(one) + 1), range(1, len(other) + 1)):
        same = one[i - 1] == other[j - 1]
        costs[i][j] = min(costs[i - 1][j] + 1, costs[i][j - 1] + 1, costs[i - 1][j - 1] + (not same))
        if one[max(i - 2, 0) : i] == other[max(j - 2, 0) : j][::-1]:
            costs[i][j] = min(costs[i][j], costs[i - 2][j - 2] + 1)
    return costs[-1][-1] <= (1 if len(one) < 9 else 2)


def wrong_value(path: str, value: Any, parameter: Parameter, name: str) -> str:
    """Tell that a value is of a wrong type; ``name`` is what would get it."""
    return f"{path} is {shown(value)}; {name} takes {parameter}"


def did_you_mean(name: Any, known: Iterable[str], alike: float = 0.6) -> str:
    """Name what is most like a name that is not known; empty where nothing is."""
    nearest = difflib.get_close_matches(str(name), list(known), 1, alike)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def listed(names: list[str]) -> str:
    """List names, not all where there are many."""
    if not names:
        return "none"
    return ", ".join(names[:NAMES_SHOWN]) + (", …" if len(names) > NAMES_SHOWN else "")


def shown(value: Any) -> str:
    """Write a value with its type, shortened."""
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"
