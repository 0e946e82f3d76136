import pytest

from mmlle.app.limits import Limits
from mmlle.utils.errors import UserError


def test_megapixels_and_megabytes_are_decimal():
    limits = Limits(megapixels=0.5, file_megabytes=1.5, total_megabytes=2)
    assert (limits.pixels, limits.file_bytes, limits.total_bytes) == (500_000, 1_500_000, 2_000_000)


def test_a_file_of_the_largest_size_has_room():
    assert Limits().files * Limits().file_bytes <= Limits().total_bytes


@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_limit_that_lets_nothing_through_is_refused(value):
    with pytest.raises(UserError, match="The limit of file megabytes must be above 0, got"):
        Limits(file_megabytes=value)
