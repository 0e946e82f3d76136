import numpy as np
import pytest

from mmlle.utils.reflection import reflected


@pytest.mark.parametrize(
    ("side", "multiple", "positions", "before"),
    [
        (4, 4, [0, 1, 2, 3], 0),
        (3, 4, [0, 1, 2, 1], 0),
        (5, 8, [1, 0, 1, 2, 3, 4, 3, 2], 1),
        (1, 4, [0, 0, 0, 0], 1),
        (2, 8, [1, 0, 1, 0, 1, 0, 1, 0], 3),
    ],
)
def test_positions(side, multiple, positions, before):
    assert reflected(side, multiple) == (positions, before)


@pytest.mark.parametrize("side", [17, 30, 31])
def test_it_is_numpys_where_numpy_has_it(side):
    positions, before = reflected(side, 16)
    after = 32 - side - before
    assert positions == np.pad(np.arange(side), (before, after), mode="reflect").tolist()
    assert 0 <= after - before <= 1
