from mmlle.app.limits import Limits


def test_megapixels_and_megabytes_are_decimal():
    limits = Limits(megapixels=0.5, file_megabytes=1.5, total_megabytes=2)
    assert (limits.pixels, limits.file_bytes, limits.total_bytes) == (500_000, 1_500_000, 2_000_000)


def test_a_file_of_the_largest_size_has_room():
    assert Limits().files * Limits().file_bytes <= Limits().total_bytes
